import { expect, it } from 'vitest'
import { createTask, gather, getRunningLoop, type Task, wait } from '../../src/index.js'
import { type TaskEntry, taskTable } from '../../src/introspection/task_table.js'
import { virtualLoop } from '../tasks/virtual_loop.js'
import { linesOf, places } from './places.js'

const at = virtualLoop()
const place = places(import.meta.url)
const never = () => new Promise<void>(() => {})

function entries(): Record<string, TaskEntry> {
  const { loops } = taskTable()
  expect(loops).toHaveLength(1)
  return Object.fromEntries(loops[0]!.tasks.map((task) => [task.name, task]))
}

it('lists the unfinished tasks of the loops that run, with what they wait for and where', () =>
  at.run(async () => {
    const future = getRunningLoop().createFuture<void>()
    const body = async function work() {
      await future // [waits]
    }
    const worker = createTask(body, { name: 'worker' })
    const done = createTask(async () => {}, { name: 'done' })
    await done
    createTask(never, { name: 'created' })
    const table = taskTable()
    expect(table).toMatchObject({ pid: process.pid, threadId: 0, version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
    expect(table.loops[0]).toMatchObject({ name: 'VirtualClockEventLoop', debug: at.loop.getDebug(), stacksLeftOut: 0 })
    const { worker: entry, created, ...others } = entries()
    expect(Object.keys(others)).toHaveLength(1)
    expect(entry).toMatchObject({
      coroutine: 'work',
      state: 'waiting',
      cancelling: false,
      waitsFor: ['<Future pending>'],
    })
    expect(linesOf(entry!.stack)).toEqual([place('waits')])
    expect(created).toMatchObject({ state: 'created', stack: [] })
    future.setResult()
    expect(entries()['worker']!.state).toBe('ready')
    await worker
  }))

it('says which tasks wait for one, also through futures, and gives a task the same id each time', () =>
  at.run(async () => {
    const inner = createTask(never, { name: 'inner' })
    createTask(async () => await gather([inner]), { name: 'gathering' })
    const direct = createTask(async () => await inner, { name: 'direct' })
    await wait([direct], { timeout: 1 })
    const first = entries()
    const ids = [first['gathering']!.id, first['direct']!.id]
    expect(first['inner']!.awaitedBy).toEqual(ids)
    expect(entries()['inner']!.awaitedBy).toEqual(ids)
  }))

it('says that a task is being cancelled, and in debug mode where it was created', () =>
  at.run(async () => {
    getRunningLoop().setDebug(true)
    const stubborn: Task<void> = createTask(never, { name: 'stubborn' }) // [created]
    await wait([stubborn], { timeout: 1 })
    stubborn.cancel()
    const entry = entries()['stubborn']!
    expect(entry.cancelling).toBe(true)
    expect(linesOf(entry.createdAt)[0]).toBe(place('created'))
  }))

it('can be carried by JSON', () =>
  at.run(async () => {
    const table = taskTable()
    expect(JSON.parse(JSON.stringify(table))).toEqual(table)
  }))
