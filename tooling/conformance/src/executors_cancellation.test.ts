// Jobs on threads that somebody gives up.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CancelledError, newEventLoop, ThreadPoolExecutor, TimeoutError, timeout, toThread } from '@loop/core'
import { came, gate, module, of, open, withThreads } from './thread_jobs.js'

describe('cancelling', () => {
  it('[TAE-06] a cancelled future does not disturb the closing of the loop', async () => {
    const loop = newEventLoop()
    const stuck = gate()
    await loop.runUntilComplete(async () => {
      const job = loop.runInExecutor(null, of('spin'), stuck)
      await came(stuck, 1)
      assert.equal(job.cancel('enough'), true)
      await assert.rejects(async () => await job, { name: 'CancelledError', message: 'enough' })
    })
    loop.close()
  })

  it('ends the job that runs, with its thread, and the next one has another', () =>
    withThreads(async ({ loop }) => {
      const executor = new ThreadPoolExecutor({ maxWorkers: 1 })
      const stuck = gate()
      const spinning = loop.runInExecutor(executor, of('spin'), stuck)
      const next = loop.runInExecutor<number>(executor, of('add'), 1, 2)
      await came(stuck, 1)
      spinning.cancel()
      assert.equal(await next, 3)
      await executor.shutdown()
    }))

  it('a job that waits for its turn never begins', () =>
    withThreads(async ({ loop }) => {
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 })
      const stuck = gate()
      const first = loop.runInExecutor(executor, of('stay'), stuck)
      const waiting = [1, 2, 3].map(() => loop.runInExecutor(executor, of('stay'), stuck))
      await came(stuck, 1)
      waiting[1]!.cancel()
      open(stuck)
      assert.equal(await first, 1)
      assert.equal(await waiting[0], 2)
      assert.equal(await waiting[2], 3)
    }))

  it('reaches the job through the task that awaits it, through timeout() and through a signal', () =>
    withThreads(async ({ loop }) => {
      const stuck = gate()
      await assert.rejects(
        timeout(20, () => toThread(of('spin'), gate())),
        TimeoutError,
      )
      const task = loop.createTask(() => toThread(of('spin'), stuck))
      await came(stuck, 1)
      task.cancel()
      await assert.rejects(async () => await task, CancelledError)
      const controller = new AbortController()
      const job = toThread({ ...of('spin'), signal: controller.signal }, stuck)
      await came(stuck, 2)
      controller.abort(new Error('the reason'))
      await assert.rejects(
        job,
        (error: Error) => error instanceof CancelledError && (error.cause as Error).message === 'the reason',
      )
      await assert.rejects(toThread({ fn: () => 1, signal: AbortSignal.abort() }), CancelledError)
    }))

  it('an executor of its own takes a signal', () =>
    withThreads(async () => {
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 })
      const stuck = gate()
      const controller = new AbortController()
      const running = executor.submit({ module, name: 'spin', args: [stuck] }, controller)
      const queued = executor.submit({ module, name: 'spin', args: [stuck] }, controller)
      await came(stuck, 1)
      controller.abort()
      await assert.rejects(running, CancelledError)
      await assert.rejects(queued, CancelledError)
      await assert.rejects(executor.submit({ fn: () => 1, args: [] }, controller), CancelledError)
      assert.equal(Atomics.load(stuck, 0), 1)
    }))
})
