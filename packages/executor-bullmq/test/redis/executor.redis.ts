// The executor and its workers against a real Redis; `pnpm test:redis` starts one.
import { writeFileSync } from 'node:fs'
import { CancelledError, ContextVar, type EventLoop, newEventLoop, TimeoutError, timeout, toThread } from '@loop/core'
import { Queue } from 'bullmq'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BullMQExecutor } from '../../src/index.js'
import { appears, connection, endAll, module, newFile, newQueue, WorkerProcess } from './worker_process.js'

const of = (name: string) => ({ module, name })
const job = (name: string, ...args: unknown[]) => ({ module, name, args })

let queue: string
let loop: EventLoop

beforeEach(() => {
  queue = newQueue()
  loop = newEventLoop()
})
afterEach(async () => {
  loop.close()
  await endAll()
})

const newExecutor = (options = {}) => new BullMQExecutor({ connection, queue, ...options })
const newWorker = (options = {}) => new WorkerProcess({ queue, concurrency: 2, ...options })
/** What the queue holds, by state. */
async function counts(): Promise<Record<string, number>> {
  const inspector = new Queue(queue, { connection })
  try {
    const all = await inspector.getJobCounts('waiting', 'active', 'completed', 'failed', 'delayed')
    return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0))
  } finally {
    await inspector.close()
  }
}

describe('jobs on other machines', () => {
  it('one line changes where they run', async () => {
    const worker = newWorker()
    loop.setDefaultExecutor(newExecutor())
    await loop.runUntilComplete(async () => {
      expect(await toThread<object>(of('where'))).toMatchObject({ pid: worker.pid, threadId: expect.any(Number) })
      expect(await toThread((a: number, b: number) => a + b, 1, 2)).toBe(3)
      expect(await loop.runInExecutor<string>(null, { module: 'node:path', name: 'basename' }, '/a/b')).toBe('b')
      await loop.shutdownDefaultExecutor()
    })
    expect(await counts()).toEqual({})
  })

  it('values of every kind cross, both ways', async () => {
    newWorker()
    await using executor = newExecutor()
    const value = [new Map([['key', new Date(5)]]), 10n, undefined, new Float64Array([0.5])]
    expect(await executor.submit({ fn: (...args: unknown[]) => args, args: value })).toEqual(value)
  })

  it('errors keep their class, their cause and their code', async () => {
    newWorker()
    await using executor = newExecutor()
    const error = await executor.submit(job('fail', 'no')).catch((error: unknown) => error as Error)
    expect(error).toBeInstanceOf(RangeError)
    expect(error).toMatchObject({ message: 'no', code: 'ERR_TEST', cause: expect.any(TypeError) })
    await expect(executor.submit({ fn: () => () => 1, args: [] })).rejects.toThrow(/the result is a function/)
    await expect(executor.submit({ fn: () => Promise.reject('a string'), args: [] })).rejects.toBe('a string')
    await expect(executor.submit({ fn: () => process.exit(3), args: [] })).rejects.toMatchObject({
      code: 'ERR_EXECUTOR_BROKEN',
    })
    await expect(executor.submit(job('missing'))).rejects.toThrow(/exports no function 'missing'/)
  })

  it('toThread brings the context variables along', async () => {
    newWorker()
    loop.setDefaultExecutor(newExecutor())
    const variable = new ContextVar<string>('variable')
    await loop.runUntilComplete(async () => {
      variable.set('from here')
      expect(await toThread(of('readVariable'))).toBe('from here')
      await loop.shutdownDefaultExecutor()
    })
  })

  it('many at once, over two workers and two executors', async () => {
    const workers = [newWorker(), newWorker()]
    await using one = newExecutor()
    await using other = newExecutor()
    const numbers = Array.from({ length: 100 }, (_, i) => i)
    const where = ({ pid }: { pid: number }) => pid
    const jobs = numbers.map((i) => (i % 2 === 0 ? one : other).submit<{ pid: number }>(job('where')).then(where))
    const pids = new Set(await Promise.all(jobs))
    expect([...pids].every((pid) => workers.some((worker) => worker.pid === pid))).toBe(true)
    expect(await Promise.all(numbers.map((i) => one.submit({ fn: (i: number) => i, args: [i] })))).toEqual(numbers)
  })

  it('jobs wait for a worker to come', async () => {
    await using executor = newExecutor()
    const early = executor.submit<{ pid: number }>(job('where'))
    while ((await counts())['waiting'] !== 1);
    const worker = newWorker()
    expect((await early).pid).toBe(worker.pid)
  })
})

describe('cancelling', () => {
  it('takes a job that waits out of the queue', async () => {
    await using executor = newExecutor()
    const controller = new AbortController()
    const cancelled = executor.submit(job('where'), controller)
    const other = executor.submit(job('where'))
    while ((await counts())['waiting'] !== 2);
    controller.abort()
    await expect(cancelled).rejects.toThrow(CancelledError)
    while ((await counts())['waiting'] !== 1);
    newWorker()
    await other
  })

  it('ends a job where it runs', async () => {
    newWorker({ concurrency: 1 })
    loop.setDefaultExecutor(newExecutor())
    const file = newFile()
    await loop.runUntilComplete(async () => {
      const spinning = loop.createTask(() => toThread(of('spin'), file))
      await appears(`${file}.began`)
      spinning.cancel()
      await expect(Promise.resolve(spinning)).rejects.toThrow(CancelledError)
      // There is one thread, and it is free again.
      expect(await toThread(() => 'next')).toBe('next')
      await expect(timeout(200, () => toThread(of('spin'), newFile()))).rejects.toThrow(TimeoutError)
      expect(await toThread(() => 'next')).toBe('next')
      await loop.shutdownDefaultExecutor()
    })
  })
})

describe('the end', () => {
  it('shutdown() waits for the jobs; later ones are refused', async () => {
    newWorker()
    const executor = newExecutor()
    const file = newFile()
    const running = executor.submit<number>(job('stay', file))
    await appears(`${file}.began`)
    let over = false
    const ending = executor.shutdown().then(() => {
      over = true
    })
    expect(() => executor.submit(job('where'))).toThrow(expect.objectContaining({ code: 'ERR_EXECUTOR_SHUTDOWN' }))
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(over).toBe(false)
    writeFileSync(`${file}.go`, '')
    expect(await running).toBeTypeOf('number')
    await ending
  })

  it('shutdown({ cancelFutures: true }) ends what waits and what runs', async () => {
    newWorker({ concurrency: 1 })
    const executor = newExecutor()
    const file = newFile()
    const running = executor.submit(job('spin', file))
    const waiting = executor.submit(job('where'))
    await appears(`${file}.began`)
    const ending = executor.shutdown({ cancelFutures: true })
    await expect(running).rejects.toThrow(CancelledError)
    await expect(waiting).rejects.toThrow(CancelledError)
    await ending
    while ((await counts())['active'] !== undefined);
    expect((await counts())['waiting']).toBeUndefined()
  })

  it('a loop that closes lets go of it', async () => {
    const executor = newExecutor()
    loop.setDefaultExecutor(executor)
    loop.runInExecutor(null, of('where'))
    loop.close()
    await executor.shutdown()
    expect(await counts()).toEqual({})
  })

  it('a worker that is told to end finishes its jobs first', async () => {
    const worker = newWorker({ concurrency: 1 })
    await using executor = newExecutor()
    const file = newFile()
    const running = executor.submit<number>(job('stay', file))
    await appears(`${file}.began`)
    const ended = worker.end('SIGTERM')
    const later = executor.submit<{ pid: number }>(job('where'))
    setTimeout(() => writeFileSync(`${file}.go`, ''), 50)
    expect(await running).toBe(worker.pid)
    expect(await ended).toBe(0)
    expect(worker.output).toBe('ended\n')
    const next = newWorker()
    expect((await later).pid).toBe(next.pid)
  })

  it('Ctrl-C ends a worker', async () => {
    const worker = newWorker()
    await using executor = newExecutor()
    await executor.submit(job('where'))
    expect(await worker.end('SIGINT')).toBe('SIGINT')
  })
})

describe('when something breaks', () => {
  const quick = { lockDuration: 500, stalledInterval: 200 }

  it('a job whose worker was killed runs on another', async () => {
    const killed = newWorker(quick)
    await using executor = newExecutor()
    const file = newFile()
    const running = executor.submit<number>(job('stay', file))
    expect(await appears(`${file}.began`)).toBe(String(killed.pid))
    await killed.end('SIGKILL')
    writeFileSync(`${file}.go`, '')
    const other = newWorker(quick)
    expect(await running).toBe(other.pid)
  })

  it('a job whose worker was killed too often fails', async () => {
    const killed = newWorker(quick)
    await using executor = newExecutor()
    const file = newFile()
    const running = executor.submit(job('stay', file))
    await appears(`${file}.began`)
    await killed.end('SIGKILL')
    newWorker({ ...quick, maxStalledCount: 0 })
    await expect(running).rejects.toMatchObject({ name: 'LoopError', code: 'ERR_EXECUTOR_BROKEN', message: /stalled/ })
  })

  it('a job that was removed from the queue by somebody else fails', async () => {
    await using executor = newExecutor()
    const removed = executor.submit(job('where'))
    while ((await counts())['waiting'] !== 1);
    const inspector = new Queue(queue, { connection })
    await inspector.obliterate({ force: true })
    await inspector.close()
    await expect(removed).rejects.toMatchObject({ code: 'ERR_EXECUTOR_BROKEN', message: /removed from the queue/ })
  })

  it('a job is tried again as often as jobOptions say', async () => {
    newWorker()
    await using executor = newExecutor({ jobOptions: { attempts: 2 } })
    expect(await executor.submit(job('failOnce', newFile()))).toBe('the second time')
    await expect(executor.submit(job('fail', 'always'))).rejects.toThrow(RangeError)
  })
})
