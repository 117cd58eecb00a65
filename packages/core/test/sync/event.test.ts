import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { CancelledError, createTask, Event, sleep } from '../../src/index.js'
import { caught, virtualLoop } from '../tasks/virtual_loop.js'

const { run } = virtualLoop()

describe('Event', () => {
  it('[EVEN-01] wait goes on at once when it is set, otherwise when it is; it gives true', () =>
    run(async () => {
      const event = new Event()
      expect(event.isSet()).toBe(false)
      const order: string[] = []
      const waiting = createTask(async () => {
        order.push(`got ${await event.wait()}`)
      })
      await sleep(5)
      order.push('set')
      event.set()
      await waiting
      expect(order).toEqual(['set', 'got true'])
      expect(event.isSet()).toBe(true)
      expect(await event.wait()).toBe(true)
    }))

  it('[EVEN-02] set wakes everybody, and later waits go on at once', () =>
    run(async () => {
      const event = new Event()
      const order: number[] = []
      const tasks = [1, 2, 3].map((n) =>
        createTask(async () => {
          await event.wait()
          order.push(n)
        }),
      )
      await sleep(0)
      expect(inspect(event)).toBe('<Event [unset, waiters:3]>')
      event.set()
      await Promise.all(tasks)
      expect(order).toEqual([1, 2, 3])
      expect(inspect(event)).toBe('<Event [set]>')
      let here = false
      const later = createTask(async () => {
        await event.wait()
        here = true
      })
      await sleep(0)
      expect(here).toBe(true)
      await later
    }))

  it('[EVEN-03] set and then clear in one pass still wakes those who waited before', () =>
    run(async () => {
      const event = new Event()
      let waiting = createTask(() => event.wait())
      await sleep(0)
      event.set()
      event.clear()
      expect(await waiting).toBe(true)
      waiting = createTask(() => event.wait())
      await sleep(10)
      expect(waiting.done()).toBe(false)
      event.set()
      expect(await waiting).toBe(true)
    }))

  it('a cancelled wait leaves the others waiting, and nothing behind', () =>
    run(async () => {
      const event = new Event()
      const tasks = [createTask(() => event.wait()), createTask(() => event.wait())]
      await sleep(0)
      tasks[0]!.cancel()
      await sleep(0)
      expect(tasks[0]!.cancelled()).toBe(true)
      expect(inspect(event)).toBe('<Event [unset, waiters:1]>')
      event.set()
      await tasks[1]
    }))

  it('a signal ends the wait', () =>
    run(async () => {
      const event = new Event()
      const abort = new AbortController()
      const waiting = createTask(() => event.wait({ signal: abort.signal }))
      await sleep(0)
      abort.abort()
      expect(await caught(waiting)).toBeInstanceOf(CancelledError)
      event.set()
      expect(await caught(event.wait({ signal: abort.signal }))).toBeInstanceOf(CancelledError)
    }))
})
