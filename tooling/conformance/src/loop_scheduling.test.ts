// Callbacks, timers and runs on the loop of this mechanism, by the real clock. core's tests have more of each, by a virtual one.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { currentTask, type EventLoop, eagerTaskFactory, LoopError, sleep } from '@loop/core'
import { passes } from './passes.js'
import { newLoop } from './within_loop.js'

let loop: EventLoop
beforeEach(() => {
  loop = newLoop()
})
afterEach(() => loop.close())

describe('callSoon', () => {
  it('[LS-01] runs callbacks in FIFO order, each once, with its arguments', async () => {
    const seen: unknown[] = []
    for (let index = 0; index < 200; index++) loop.callSoon((a: number, b: string) => seen.push([a, b]), index, 'b')
    await passes(loop)
    assert.deepEqual(
      seen,
      Array.from({ length: 200 }, (_, index) => [index, 'b']),
    )
  })

  it('[LS-02] runs what a callback schedules in the next pass', async () => {
    const seen: string[] = []
    loop.callSoon(() => {
      loop.callSoon(() => seen.push('later'))
      seen.push('first')
    })
    loop.callSoon(() => seen.push('second'))
    await passes(loop)
    assert.deepEqual(seen, ['first', 'second', 'later'])
  })

  it('[LS-03] gives a handle whose cancel prevents the call', async () => {
    const handle = loop.callSoon(() => assert.fail('it was cancelled'))
    handle.cancel()
    await passes(loop)
    assert.equal(handle.cancelled(), true)
  })

  it('[LS-09] refuses what is no function, [LS-08] and a time that is no number', () => {
    for (const wrong of [undefined, null, 1, 'text', {}]) {
      assert.throws(() => loop.callSoon(wrong as never), TypeError)
      assert.throws(() => loop.callLater(1, wrong as never), TypeError)
      assert.throws(() => loop.callAt(1, wrong as never), TypeError)
    }
    for (const wrong of [undefined, null, '1']) {
      assert.throws(() => loop.callLater(wrong as never, () => {}), TypeError)
      assert.throws(() => loop.callAt(wrong as never, () => {}), TypeError)
    }
  })
})

describe('timers', () => {
  it('[LS-04] [LS-07] fire at or after their time, which is monotonic; [LS-17] when() tells it, also afterwards', async () => {
    const began = loop.time()
    const fired: number[] = []
    const timer = loop.callAt(began + 20, () => fired.push(loop.time()))
    const cancelled = loop.callLater(10, () => assert.fail('it was cancelled'))
    cancelled.cancel()
    await loop.runUntilComplete(() => sleep(30))
    assert.equal(fired.length, 1)
    // What clocks are rounded to.
    assert.ok(fired[0]! >= began + 19.5, `${fired[0]! - began} ms`)
    assert.ok(loop.time() >= fired[0]!)
    assert.equal(timer.when(), began + 20)
    assert.ok(cancelled.when() >= began + 10)
  })

  it('[LS-05] [LS-06] negative and zero delays run soon, after what was ready before', async () => {
    const seen: string[] = []
    loop.callLater(-5, () => seen.push('negative'))
    loop.callLater(0, () => seen.push('zero'))
    loop.callSoon(() => seen.push('soon'))
    await passes(loop)
    assert.deepEqual(seen, ['soon', 'negative', 'zero'])
  })

  it('[LS-11] fire in the order of their deadlines', async () => {
    const seen: number[] = []
    const began = loop.time()
    const delays = Array.from({ length: 100 }, (_, index) => ((index * 7919) % 50) + index / 1000)
    for (const delay of delays) loop.callAt(began + delay, () => seen.push(delay))
    const last = loop.createFuture<void>()
    loop.callAt(began + 51, () => last.setResult())
    await loop.runUntilComplete(last)
    assert.deepEqual(
      seen,
      [...delays].sort((one, other) => one - other),
    )
  })

  it('[LS-16] may be longer than any wait of the system', async () => {
    const timers = [2 ** 31, 2 ** 53, Number.MAX_VALUE, Number.POSITIVE_INFINITY].map((delay) =>
      loop.callLater(delay, () => assert.fail('much too early')),
    )
    await loop.runUntilComplete(() => sleep(5))
    for (const timer of timers) timer.cancel()
  })

  it('[LS-20] may schedule timers', async () => {
    const seen: string[] = []
    const done = loop.createFuture<void>()
    loop.callLater(2, () => {
      loop.callLater(0, () => seen.push('zero'))
      loop.callLater(3, () => {
        seen.push('three')
        done.setResult()
      })
    })
    await loop.runUntilComplete(done)
    assert.deepEqual(seen, ['zero', 'three'])
  })
})

describe('running', () => {
  it('[LS-22] stop() lets the batch finish; what the batch added waits for the next run', async () => {
    const seen: string[] = []
    loop.callSoon(() => {
      loop.stop()
      seen.push('stops')
      loop.callSoon(() => seen.push('next run'))
    })
    loop.callSoon(() => seen.push('same batch'))
    await loop.runForever()
    assert.deepEqual(seen, ['stops', 'same batch'])
    await passes(loop)
    assert.deepEqual(seen, ['stops', 'same batch', 'next run'])
  })

  it('[LS-25] runUntilComplete gives the result or throws the exception, [LS-26] and takes what can be awaited', async () => {
    assert.equal(await loop.runUntilComplete(async () => 3), 3)
    const fails = loop.runUntilComplete(async () => {
      throw new RangeError('no')
    })
    await assert.rejects(fails, RangeError)
    await assert.rejects(loop.runUntilComplete(42 as never), TypeError)
  })

  it('[LS-27] runUntilComplete with a future of another loop is a RangeError', async () => {
    const other = newLoop()
    await assert.rejects(loop.runUntilComplete(other.createFuture()), RangeError)
    other.close()
  })

  it('[LS-28] runUntilComplete says so when the loop was stopped early', async () => {
    loop.callSoon(() => loop.stop())
    await assert.rejects(loop.runUntilComplete(loop.createFuture()), {
      code: 'ERR_LOOP_STOPPED',
      message: 'Event loop stopped before Future completed.',
    })
  })

  it('[LS-29] [LS-30] a loop that runs cannot be run, nor another from inside, [LS-32] nor closed', async () => {
    const other = newLoop()
    await loop.runUntilComplete(async () => {
      await assert.rejects(loop.runForever(), LoopError)
      await assert.rejects(
        other.runUntilComplete(async () => {}),
        { code: 'ERR_LOOP_RUNNING' },
      )
      assert.deepEqual([loop.isRunning(), other.isRunning()], [true, false])
      assert.throws(() => loop.close(), { code: 'ERR_LOOP_RUNNING' })
    })
    other.close()
  })

  it('[LS-33] a closed loop refuses everything, closes twice, and runs nothing that was pending', async () => {
    loop.callSoon(() => assert.fail('it was pending'))
    loop.close()
    loop.close()
    assert.equal(loop.isClosed(), true)
    const closed = { name: 'LoopError', code: 'ERR_LOOP_CLOSED' }
    for (const call of [
      () => loop.callSoon(() => {}),
      () => loop.callLater(1, () => {}),
      () => loop.createTask(async () => {}),
    ])
      assert.throws(call, closed)
    await assert.rejects(loop.runForever(), closed)
  })
})

// In the built files, where our own functions are told from the program's by other means than in the sources.
it('the stack of a task that began inside another call ends where it began', async () => {
  loop.setTaskFactory(eagerTaskFactory)
  async function innermost() {
    return currentTask()!.getStack()
  }
  const stack = await loop.runUntilComplete(() => loop.createTask(async () => await innermost()))
  assert.match(stack[0]!, /innermost/)
  assert.equal(stack.length, 2, stack.join('\n'))
})
