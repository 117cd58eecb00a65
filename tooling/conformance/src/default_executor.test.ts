// The default executor of a loop, and toThread, which uses it.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  CancelledError,
  copyContext,
  type Executor,
  getRunningLoop,
  type Job,
  newEventLoop,
  sleep,
  ThreadPoolExecutor,
  toThread,
} from '@loop/core'
import { came, gate, module, of, open, withThreads } from './thread_jobs.js'
import * as work from './thread_work.js'
import { withinLoop } from './within_loop.js'

describe('setDefaultExecutor', () => {
  it('[TAE-08] takes what has submit() and shutdown(), and nothing else', () =>
    withThreads(async ({ loop }) => {
      for (const wrong of [null, undefined, {}, { submit() {} }, () => {}, 'threads', new Map()])
        assert.throws(() => loop.setDefaultExecutor(wrong as never), TypeError)
      assert.throws(() => loop.runInExecutor({} as never, () => 1), TypeError)
      loop.setDefaultExecutor(new ThreadPoolExecutor({ maxWorkers: 1 }))
      assert.equal(await toThread(() => 1), 1)
    }))

  it('the loop uses it for everything, and shuts it down when it closes', async () => {
    const jobs: Job[] = []
    const shutdowns: unknown[] = []
    const executor: Executor = {
      submit: async <T>(job: Job) => jobs.push(job) as T,
      shutdown: async (options) => void shutdowns.push(options),
    }
    const loop = newEventLoop()
    loop.setDefaultExecutor(executor)
    const fn = (a: number) => a
    await loop.runUntilComplete(async () => {
      assert.equal(await toThread(fn, 5), 1)
      assert.equal(await loop.runInExecutor(null, { module: 'somewhere', name: 'else' }, 6), 2)
    })
    loop.close()
    assert.deepEqual(jobs, [
      { fn, args: [5] },
      { module: 'somewhere', name: 'else', args: [6], transfer: undefined },
    ])
    assert.deepEqual(shutdowns, [{ wait: false, cancelFutures: true }])
  })
})

describe('shutdownDefaultExecutor', () => {
  it('[TAE-09] waits for the jobs; later ones are refused', () =>
    withThreads(async ({ loop }) => {
      const stuck = gate()
      const job = loop.runInExecutor(null, of('stay'), stuck)
      await came(stuck, 1)
      const over = loop.shutdownDefaultExecutor()
      const refused = { name: 'LoopError', code: 'ERR_EXECUTOR_SHUTDOWN', message: /Executor shutdown has been called/ }
      assert.throws(() => loop.runInExecutor(null, () => 1), refused)
      assert.throws(() => toThread(() => 1), refused)
      let ended = false
      const waiting = over.then(() => {
        ended = true
      })
      await sleep(5)
      assert.deepEqual([ended, job.done()], [false, false])
      open(stuck)
      await waiting
      assert.equal(await job, 1)
      await loop.shutdownDefaultExecutor()
    }))

  it('[TAE-10] warns and waits no longer when the time is over', () =>
    withThreads(async ({ loop }) => {
      const stuck = gate()
      const job = loop.runInExecutor(null, of('stay'), stuck)
      await came(stuck, 1)
      const warned = new Promise<Error & { code?: string }>((resolve) => process.once('warning', resolve))
      await loop.shutdownDefaultExecutor(10)
      const warning = await warned
      assert.deepEqual([warning.name, warning.code], ['RuntimeWarning', 'LOOP_EXECUTOR_TIMEOUT'])
      assert.match(warning.message, /did not finish joining its threads within 10 ms/)
      await assert.rejects(async () => await job, CancelledError)
      for (const wrong of [Number.NaN, 'soon']) assert.throws(() => loop.shutdownDefaultExecutor(wrong as never))
    }))

  it('an executor that was never used has nothing to shut down', () =>
    withinLoop(async ({ loop }) => {
      await loop.shutdownDefaultExecutor(0)
      assert.throws(() => loop.runInExecutor(null, () => 1), { code: 'ERR_EXECUTOR_SHUTDOWN' })
    }))

  it('an executor refuses jobs after shutdown(), and can be told to drop what it has', () =>
    withThreads(async () => {
      const executor = new ThreadPoolExecutor({ maxWorkers: 1 })
      const stuck = gate()
      const running = executor.submit({ module, name: 'spin', args: [stuck] })
      const queued = executor.submit({ fn: () => 1, args: [] })
      await came(stuck, 1)
      await executor.shutdown({ wait: false })
      assert.throws(() => executor.submit({ fn: () => 1, args: [] }), { code: 'ERR_EXECUTOR_SHUTDOWN' })
      const over = executor.shutdown({ cancelFutures: true })
      await assert.rejects(running, CancelledError)
      await assert.rejects(queued, CancelledError)
      await over
      for (const wrong of [0, -1, 1.5, Number.NaN])
        assert.throws(() => new ThreadPoolExecutor({ maxWorkers: wrong }), RangeError)
    }))
})

describe('toThread', () => {
  it('[TAE-11] passes arguments, returns the value and propagates exceptions', () =>
    withThreads(async () => {
      assert.equal(await toThread((a: number, { b }: { b: number }) => a - b, 5, { b: 3 }), 2)
      assert.equal(await toThread<number>(of('add'), 1, 2), 3)
      await assert.rejects(toThread(of('fail'), 'no'), { name: 'RangeError', message: 'no' })
      assert.deepEqual(
        await toThread((map: Map<string, Date>) => map, new Map([['key', new Date(5)]])),
        new Map([['key', new Date(5)]]),
      )
    }))

  it('[TAE-12] copies the context variables; what is set there does not leak back', () =>
    withThreads(async () => {
      assert.equal(await toThread(of('readVariable')), undefined)
      work.variable.set({ from: 'here' })
      assert.deepEqual(await toThread(of('readVariable')), { from: 'here' })
      assert.deepEqual(await toThread(of('setVariable'), 'there'), [{ from: 'here' }, 'there'])
      assert.deepEqual(work.variable.get(), { from: 'here' })
      assert.deepEqual(await toThread(of('readVariable')), { from: 'here' })
      await copyContext().run(async () => {
        work.variable.set('in another context')
        assert.equal(await toThread(of('readVariable')), 'in another context')
      })
      // Python's run_in_executor does not bring the context along either.
      assert.equal(await getRunningLoop().runInExecutor(null, of('readVariable')), undefined)
    }))

  it('[TAE-12] a value that cannot be copied is missed only by who asks for it', () =>
    withThreads(async () => {
      work.variable.set(1)
      work.uncopied.set(() => {})
      assert.equal(await toThread(of('readVariable')), 1)
      await assert.rejects(toThread(of('readUncopied')), /uncopied has a value .* could not cross/)
    }))

  it('from several loops beside each other', async () => {
    const loops = [newEventLoop(), newEventLoop()]
    const results = await Promise.all(
      loops.map((loop, index) => loop.runUntilComplete(() => toThread((index: number) => index * 10, index))),
    )
    assert.deepEqual(results, [0, 10])
    for (const loop of loops) loop.close()
  })
})
