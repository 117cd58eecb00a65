// Work that other threads give to a loop.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { beforeEach, describe, it } from 'node:test'
import { threadId, type Worker } from 'node:worker_threads'
import {
  type EventLoop,
  newEventLoop,
  RemoteLoop,
  runCoroutineThreadsafe,
  sleep,
  ThreadFuture,
  wrapFuture,
} from '@loop/core'
import { program } from './program.js'
import { type parts, remoteThread } from './remote_thread.js'
import * as work from './thread_work.js'
import { withinLoop } from './within_loop.js'

const module = new URL('./thread_work.js', import.meta.url)
const shared = (length: number) => new Int32Array(new SharedArrayBuffer(length * 4))

/** What the thread gives; afterwards it has ended by itself. */
async function outcomeOf(worker: Worker): Promise<any> {
  const ended = once(worker, 'exit')
  let outcome: { result?: unknown; error?: string } = {}
  worker.on('message', (message) => {
    if (typeof message === 'object') outcome = message
  })
  const [code] = await ended
  assert.equal(outcome.error, undefined)
  assert.equal(code, 0)
  return outcome.result
}
const remote = (loop: EventLoop, part: keyof typeof parts, ...args: unknown[]) =>
  outcomeOf(remoteThread(loop.threadHandle(), part, ...args))

beforeEach(() => {
  work.seen.length = 0
})

describe('callSoonThreadsafe', () => {
  it('[TAE-01] from another thread wakes a loop that waits, and keeps the order of the calls', async () => {
    const loop = newEventLoop()
    const worker = remoteThread(loop.threadHandle(), 'callSoon', 100)
    const outcome = outcomeOf(worker)
    // Nothing else would ever end it.
    await loop.runForever()
    const other = await outcome
    assert.deepEqual(work.seen, [threadId, ...Array.from({ length: 100 }, (_, i) => [other, i]).flat()])
    loop.close()
  })

  it('[TAE-02] from the thread of the loop is as callSoon', () =>
    withinLoop(async ({ loop }) => {
      const order: number[] = []
      loop.callSoon(() => order.push(1))
      loop.callSoonThreadsafe(() => order.push(2))
      loop.callSoon(() => order.push(3))
      await sleep(0)
      assert.deepEqual(order, [1, 2, 3])
      setTimeout(() => loop.callSoonThreadsafe(() => order.push(4)), 1)
      while (order.length < 4) await sleep(1)
    }))

  it('[TAE-03] a call that was cancelled from the other thread before it ran is not made', () =>
    withinLoop(async ({ loop }) => {
      const gate = shared(1)
      const outcome = remote(loop, 'cancelBefore', gate)
      // This thread does nothing until the other one has asked and cancelled.
      assert.notEqual(Atomics.wait(gate, 0, 0, 10_000), 'timed-out')
      assert.deepEqual(await outcome, [false, true, false])
      while (work.seen.length < 2) await sleep(1)
      assert.deepEqual(work.seen, ['a', 'c'])
    }))

  it('[TAE-04] cancelling a call that runs waits until it has ended', () =>
    withinLoop(async ({ loop }) => {
      assert.deepEqual(await remote(loop, 'cancelDuring', shared(3)), { cancelled: false, ended: true })
    }))

  it('errors, and what cannot be loaded, go to the exception handler', () =>
    withinLoop(async ({ loop, reports }) => {
      const own = new RemoteLoop(loop.threadHandle())
      own.callSoonThreadsafe({ module, name: 'throwIn' }, 'no')
      own.callSoonThreadsafe({ module, name: 'missing' })
      own.callSoonThreadsafe({ module: new URL('./missing.js', import.meta.url), name: 'missing' })
      while (reports.length < 3) await sleep(1)
      assert.match(
        reports
          .splice(0)
          .map(({ message, exception }) => `${message}: ${exception?.message}`)
          .sort()
          .join('\n'),
        /^A callback from another thread could not be loaded: missing: Cannot find module.*\nA callback from another thread could not be loaded: missing: .* exports no function 'missing'.*\nException in callback throwIn: no$/,
      )
      own.close()
    }))

  it('debug mode reports an async function, whose outcome nobody would see', () =>
    withinLoop(async ({ loop, reports }) => {
      loop.setDebug(true)
      const own = new RemoteLoop(loop.threadHandle())
      own.callSoonThreadsafe({ module, name: 'addSlowly' }, 1, 2)
      while (reports.length < 1) await sleep(1)
      assert.match(reports.splice(0)[0]!.message, /async function addSlowly: use runCoroutineThreadsafe/)
      assert.throws(
        () => own.callSoonThreadsafe({ module, name: 'note' }, { deep: loop.createFuture() }),
        /deep is a future/,
      )
      own.close()
      await sleep(2)
    }))
})

describe('runCoroutineThreadsafe', () => {
  it('[TAE-13] [TAE-14] brings the result and exceptions to the other thread', () =>
    withinLoop(async ({ loop }) => {
      const outcome = await remote(loop, 'coroutine')
      assert.deepEqual([outcome.result, outcome.source, outcome.where], [3, 4, threadId])
      assert.deepEqual(outcome.error, { name: 'RangeError', message: 'no', code: 'ERR_TEST' })
      assert.match(
        outcome.result2.message,
        /What giveFunction returned .* result\.nested\.callback is the function callback/,
      )
      assert.match(outcome.missing.message, /exports no function 'nothing'/)
    }))

  it('[TAE-15] cancelling it there cancels the task here', () =>
    withinLoop(async ({ loop }) => {
      const cancelled = { name: 'CancelledError', message: 'from the worker', code: 'ABORT_ERR' }
      assert.deepEqual(await remote(loop, 'cancelHere', shared(1)), [true, false, true, true, cancelled])
      while (work.seen.length < 1) await sleep(1)
      assert.deepEqual(work.seen, ['cancelled: from the worker'])
    }))

  it('[TAE-15] so does a signal', () =>
    withinLoop(async ({ loop }) => {
      const [outcome, late] = await remote(loop, 'abortHere', shared(1))
      assert.deepEqual([outcome.name, outcome.message, late], ['CancelledError', 'the reason', true])
      while (work.seen.length < 1) await sleep(1)
      assert.deepEqual(work.seen, ['cancelled: the reason'])
    }))

  it('[TAE-16] cancelling the task here cancels it there', () =>
    withinLoop(async ({ loop }) => {
      const cancelled = { name: 'CancelledError', message: 'in the loop', code: 'ABORT_ERR' }
      assert.deepEqual(await remote(loop, 'cancelThere'), [cancelled, true])
    }))

  it('[FUTU-17] [FUTU-18] wrapFuture makes a future of the own loop of it, and cancelling that cancels it', () =>
    withinLoop(async ({ loop }) => {
      assert.deepEqual(await remote(loop, 'wrapped', shared(1)), [true, 7])
      assert.deepEqual(work.seen, ['cancelled: through wrapFuture'])
    }))

  it('brings the context variables of its caller', () =>
    withinLoop(async ({ loop }) => {
      work.variable.set('of the test')
      assert.equal(await remote(loop, 'context'), 'of the worker')
    }))

  it('[TAE-17] another thread that asks for the tasks gets them as they are at one moment', () =>
    withinLoop(async ({ loop }) => {
      // They come and go by pairs: whoever saw half a change would see an odd number.
      let over = false
      const churn = loop.createTask(
        async () => {
          while (!over) {
            const pair = ['left', 'right'].map((name) => loop.createTask(() => sleep(0), { name }))
            for (const task of pair) await task
          }
        },
        { name: 'churn' },
      )
      for (const names of (await remote(loop, 'tasks')) as string[][]) {
        const count = (wanted: string) => names.filter((name) => name === wanted).length
        assert.equal(count('churn'), 1)
        assert.ok(count('left') <= 1 && count('right') <= 1)
      }
      over = true
      await churn
    }))

  it('in the same thread takes any coroutine, from host code and from other loops', async () => {
    const loop = newEventLoop()
    const future = runCoroutineThreadsafe(async () => {
      await sleep(1)
      return { not: () => 'cloned' }
    }, loop)
    assert.ok(future instanceof ThreadFuture && future instanceof Promise)
    const failing = runCoroutineThreadsafe(() => work.failSlowly('no'), loop)
    const cancelled = runCoroutineThreadsafe(() => work.waitForCancellation(shared(1)), loop)
    const late = runCoroutineThreadsafe(async () => assert.fail('it was cancelled before it began'), loop)
    const job = runCoroutineThreadsafe<number>({ module, name: 'addSlowly', args: [1, 2] }, loop)
    late.cancel()
    const running = loop.runForever()
    assert.equal((await future).not(), 'cloned')
    assert.deepEqual([future.done(), future.cancel()], [true, false])
    await assert.rejects(failing, RangeError)
    assert.equal(await job, 3)
    cancelled.cancel('enough')
    await assert.rejects(cancelled, { name: 'CancelledError', message: 'enough' })
    await assert.rejects(late, { name: 'CancelledError' })
    await assert.rejects(
      runCoroutineThreadsafe(() => work.cancelItself('itself'), loop),
      { message: 'itself' },
    )
    const other = newEventLoop()
    assert.equal(await other.runUntilComplete(() => wrapFuture(runCoroutineThreadsafe(async () => 5, loop))), 5)
    other.close()
    assert.deepEqual(work.seen, ['cancelled: enough'])
    loop.stop()
    await running
    loop.close()
    assert.throws(() => runCoroutineThreadsafe(async () => 1, loop), { code: 'ERR_LOOP_CLOSED' })
    assert.throws(() => runCoroutineThreadsafe(5 as never, newEventLoop()), TypeError)
  })
})

describe('a handle', () => {
  it('refuses what cannot cross', () =>
    withinLoop(async ({ loop }) => {
      const messages: string[] = await remote(loop, 'refused')
      for (const [index, expected] of [
        /^TypeError : .*`outer` of the code around it/,
        /^TypeError : .*native/,
        /^TypeError : .*relative to a file/,
        /^TypeError : A function was expected/,
        /^TypeError : .*argument 1\.deep\[0\] is a function/,
        /^TypeError : A loop of this thread, a RemoteLoop or a handle/,
        /^TypeError : .*in use already/,
      ].entries())
        assert.match(messages[index]!, expected)
      assert.throws(() => new RemoteLoop(loop as never), /a loop itself cannot get into another thread/)
      assert.throws(() => new RemoteLoop(new MessageChannel().port1 as never), TypeError)
    }))

  it('of a loop that closes ends what is awaited through it, and refuses more', async () => {
    const loop = newEventLoop()
    const worker = remoteThread(loop.threadHandle(), 'closing')
    const outcome = outcomeOf(worker)
    await loop.runUntilComplete(async () => {
      while ((await work.namesOfTasks()).length < 2) await sleep(1)
    })
    loop.close()
    const [closed, pending, ...refused] = await outcome
    assert.equal(closed, true)
    assert.deepEqual(pending, { name: 'LoopError', message: 'Event loop is closed', code: 'ERR_LOOP_CLOSED' })
    assert.deepEqual(refused, Array(2).fill('LoopError ERR_LOOP_CLOSED: Event loop is closed'))
  })

  it('of a loop that was closed says so at once, to a thread that had no turn since', async () => {
    const loop = newEventLoop()
    const gate = shared(1)
    const worker = remoteThread(loop.threadHandle(), 'closedMeanwhile', gate)
    const outcome = outcomeOf(worker)
    await new Promise((resolve) => worker.once('message', resolve))
    loop.close()
    Atomics.store(gate, 0, 1)
    Atomics.notify(gate, 0)
    assert.deepEqual(await outcome, [true, 'LoopError ERR_LOOP_CLOSED: Event loop is closed'])
  })

  it('serves a loop that runs later, in the order of the calls', async () => {
    const loop = newEventLoop()
    const own = new RemoteLoop(loop.threadHandle())
    own.callSoonThreadsafe({ module, name: 'note' }, 1)
    const sum = runCoroutineThreadsafe<number>({ module, name: 'addSlowly', args: [1, 2] }, own)
    await new Promise((resolve) => setTimeout(resolve, 5))
    assert.deepEqual(work.seen, [])
    await loop.runUntilComplete(() => wrapFuture(sum))
    assert.deepEqual([work.seen, await sum], [[1], 3])
    loop.close()
    assert.equal(own.isClosed(), true)
  })

  it('each thread has its own, of several loops', async () => {
    const loops = [newEventLoop(), newEventLoop()]
    const running = loops.map((loop) => loop.runForever())
    const outcomes = await Promise.all(loops.flatMap((loop) => [remote(loop, 'coroutine'), remote(loop, 'coroutine')]))
    assert.deepEqual(
      outcomes.map(({ result }) => result),
      [3, 3, 3, 3],
    )
    for (const loop of loops) loop.stop()
    await Promise.all(running)
    for (const loop of loops) loop.close()
  })

  it('is closed when its thread ends in the middle; the loop goes on', () =>
    withinLoop(async ({ loop }) => {
      const worker = remoteThread(loop.threadHandle(), 'closing')
      while ((await work.namesOfTasks()).length < 2) await sleep(1)
      await worker.terminate()
      assert.equal((await remote(loop, 'coroutine')).result, 3)
      // As in asyncio, the coroutine of a thread that is gone goes on.
      assert.deepEqual([work.seen, (await work.namesOfTasks()).length], [[], 2])
    }))

  it('keeps nothing alive: neither the process nor the thread that has it', async () => {
    const { code, stdout } = await program(`
      import { Worker, isMainThread, workerData } from 'node:worker_threads'
      import { newEventLoop, RemoteLoop } from '@loop/core'
      if (isMainThread) {
        const loop = newEventLoop()
        const handle = loop.threadHandle()
        const unused = loop.threadHandle()
        const worker = new Worker(new URL(import.meta.url), { workerData: { handle }, transferList: [handle] })
        worker.on('exit', (code) => console.log('worker', code))
      } else {
        console.log(new RemoteLoop(workerData.handle).isClosed())
      }
    `)
    assert.equal(code, 0)
    assert.deepEqual(stdout.trim().split('\n').sort(), ['false', 'worker 0'])
  })
})

it('a call that waits for its own module to end is warned of', async () => {
  const { code, stdout } = await program(
    `
    import { RemoteLoop, run, runCoroutineThreadsafe, getRunningLoop, sleep, timeout } from '@loop/core'
    process.on('warning', ({ code }) => console.log(code))
    export const answer = async () => 42
    await run(async () => {
      const loop = new RemoteLoop(getRunningLoop().threadHandle())
      const called = runCoroutineThreadsafe({ module: import.meta.url, name: 'answer', args: [] }, loop)
      await sleep(1500)
      called.cancel()
      loop.close()
    })
    `,
    { args: ['--warnings'] },
  )
  assert.deepEqual([code, stdout], [0, 'LOOP_MODULE_LOADING\n'])
})
