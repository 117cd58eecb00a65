import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CancelledError,
  type ExceptionContext,
  Future,
  InvalidStateError,
  isfuture,
  sleep,
  wrapFuture,
} from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

let loop: VirtualClockEventLoop
let reports: ExceptionContext[]

beforeEach(() => {
  loop = new VirtualClockEventLoop()
  reports = []
  loop.setExceptionHandler((_loop, context) => reports.push(context))
})

afterEach(() => loop.close())

/** Lets the loop make a few passes. */
const passes = (n = 2) =>
  loop.runUntilComplete(async () => {
    for (let i = 0; i < n; i++) await sleep(0)
  })

async function collectGarbage(): Promise<void> {
  for (let i = 0; i < 10; i++) {
    ;(globalThis as { gc?: () => void }).gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('Future', () => {
  it('[FUTU-01] is pending when it is new', () => {
    const future = loop.createFuture()
    expect([future.done(), future.cancelled()]).toEqual([false, false])
  })

  it('[FUTU-02] has no result and no exception while it is pending', () => {
    const future = loop.createFuture()
    expect(() => future.result()).toThrow(InvalidStateError)
    expect(() => future.exception()).toThrow(InvalidStateError)
  })

  it('[FUTU-03] ends once: a second set throws, a late cancel gives false', () => {
    const future = loop.createFuture<number>()
    future.setResult(1)
    expect(() => future.setResult(2)).toThrow(InvalidStateError)
    expect(() => future.setException(new Error())).toThrow(InvalidStateError)
    expect(future.cancel()).toBe(false)
    const other = loop.createFuture<number>()
    expect(other.cancel()).toBe(true)
    expect(() => other.setResult(2)).toThrow(InvalidStateError)
    expect(other.cancel()).toBe(false)
  })

  it('[FUTU-04] exception() gives the error, result() throws it', () => {
    const future = loop.createFuture()
    const error = new Error('broken')
    future.setException(error)
    expect(future.exception()).toBe(error)
    expect(() => future.result()).toThrow(error)
  })

  it('[FUTU-05] a cancelled future throws CancelledError from both', () => {
    const future = loop.createFuture()
    future.cancel()
    expect(() => future.result()).toThrow(CancelledError)
    expect(() => future.exception()).toThrow(CancelledError)
  })

  it('[FUTU-06] setException makes an error of a class, and refuses what is none', () => {
    const future = loop.createFuture()
    future.setException(RangeError)
    expect(future.exception()).toBeInstanceOf(RangeError)
    expect(() => loop.createFuture().setException('text' as never)).toThrow(TypeError)
  })

  it('[FUTU-08] runs done callbacks through the loop in the order of their registration', async () => {
    const future = loop.createFuture<string>()
    const seen: string[] = []
    future.addDoneCallback(() => seen.push('a'))
    future.addDoneCallback(() => seen.push('b'))
    future.setResult('x')
    expect(seen).toEqual([])
    await passes()
    expect(seen).toEqual(['a', 'b'])
  })

  it('[FUTU-09] runs them on exception and cancellation too, with the future as the only argument', async () => {
    const failed = loop.createFuture()
    const gone = loop.createFuture()
    const seen: unknown[][] = []
    failed.addDoneCallback((...args) => seen.push(args))
    gone.addDoneCallback((...args) => seen.push(args))
    failed.setException(new Error())
    gone.cancel()
    await passes()
    expect(seen).toEqual([[failed], [gone]])
    failed.exception()
  })

  it('[FUTU-10] queues a callback that is added to a future that is done', async () => {
    const future = loop.createFuture()
    future.setResult(1)
    const seen: unknown[] = []
    future.addDoneCallback((done) => seen.push(done))
    expect(seen).toEqual([])
    await passes()
    expect(seen).toEqual([future])
  })

  it('[FUTU-11] runs a callback that was added twice twice, and removes every copy', async () => {
    const future = loop.createFuture()
    let calls = 0
    const callback = () => {
      calls++
    }
    future.addDoneCallback(callback)
    future.addDoneCallback(callback)
    const other = () => {
      calls += 100
    }
    future.addDoneCallback(other)
    future.addDoneCallback(other)
    expect(future.removeDoneCallback(other)).toBe(2)
    expect(future.removeDoneCallback(other)).toBe(0)
    future.setResult(1)
    await passes()
    expect(calls).toBe(2)
  })

  it('[FUTU-12] belongs to the loop it was given, or to the running one', async () => {
    expect(new Future({ loop }).getLoop()).toBe(loop)
    expect(await loop.runUntilComplete(async () => new Future().getLoop())).toBe(loop)
    expect(() => new Future()).toThrow('no running event loop')
  })

  it('[FUTU-13] isfuture recognises futures, tasks and what behaves like them', () => {
    const duck = { addDoneCallback() {}, result() {}, getLoop() {} }
    expect([loop.createFuture(), duck, Promise.resolve(), null, {}].map(isfuture)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('[FUTU-14] carries the message of cancel to the error', async () => {
    const future = loop.createFuture()
    future.cancel('enough')
    await expect(loop.runUntilComplete(future)).rejects.toMatchObject({
      name: 'CancelledError',
      message: 'enough',
      code: 'ABORT_ERR',
    })
  })

  it('[FUTU-15] reports an error that nobody looked at when the future is collected', async () => {
    ;(() => {
      loop.createFuture().setException(new Error('lost'))
    })()
    await collectGarbage()
    expect(reports.map((context) => [context.message, context.exception?.message])).toEqual([
      ['Future exception was never retrieved', 'lost'],
    ])
  })

  it('[FUTU-15] reports it when the loop closes, and once', async () => {
    const future = loop.createFuture()
    future.setException(new Error('lost'))
    loop.close()
    expect(reports).toHaveLength(1)
    expect(future.done()).toBe(true)
  })

  it('[FUTU-16] reports nothing that was read, awaited or cancelled', async () => {
    const read = loop.createFuture()
    read.setException(new Error())
    read.exception()
    const awaited = loop.createFuture()
    awaited.setException(new Error())
    await loop
      .runUntilComplete(async () => {
        await awaited
      })
      .catch(() => {})
    loop.createFuture().cancel()
    loop.close()
    expect(reports).toEqual([])
  })

  it('[FUTU-17] wrapFuture mirrors a promise and passes futures through', async () => {
    const future = loop.createFuture()
    expect(wrapFuture(future)).toBe(future)
    expect(await loop.runUntilComplete(wrapFuture(Promise.resolve(5), { loop }))).toBe(5)
    await expect(loop.runUntilComplete(wrapFuture(Promise.reject(new Error('no')), { loop }))).rejects.toThrow('no')
  })

  it('[FUTU-18] cancelling the wrapper ends the wait and leaves the promise to itself', async () => {
    const wrapped = wrapFuture(new Promise((resolve) => setImmediate(resolve)), { loop })
    wrapped.cancel()
    await expect(loop.runUntilComplete(wrapped)).rejects.toThrow(CancelledError)
  })

  it('[FUTU-19] awaiting a future that is done does not give way to the loop', async () => {
    const seen: string[] = []
    await loop.runUntilComplete(async () => {
      const future = loop.createFuture<string>()
      future.setResult('at once')
      loop.callSoon(() => seen.push('callSoon'))
      seen.push(await future)
    })
    expect(seen[0]).toBe('at once')
  })

  it('then, catch and finally behave as a promise has them', async () => {
    const future = loop.createFuture<number>()
    const seen = loop.runUntilComplete(async () => {
      loop.callSoon(() => future.setResult(2))
      return Promise.all([future.then((n) => n + 1), future.catch(() => 0), future.finally(() => {})])
    })
    expect(await seen).toEqual([3, 2, 2])
  })
})
