import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LoopError, sleep } from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

let loop: VirtualClockEventLoop

beforeEach(() => {
  loop = new VirtualClockEventLoop()
})

afterEach(() => {
  if (!loop.isRunning()) loop.close()
})

/** Runs the loop until nothing that was scheduled so far is left. */
async function drain(passes = 5): Promise<void> {
  await loop.runUntilComplete(async () => {
    for (let i = 0; i < passes; i++) await sleep(0)
  })
}

describe('callSoon', () => {
  it('[LS-01] runs callbacks in FIFO order, each once, with its arguments', async () => {
    const seen: unknown[] = []
    for (let i = 0; i < 200; i++) loop.callSoon((a: number, b: string) => seen.push([a, b]), i, `b${i}`)
    await drain()
    expect(seen).toEqual(Array.from({ length: 200 }, (_, i) => [i, `b${i}`]))
  })

  it('[LS-02] runs what a callback schedules in the next pass', async () => {
    const seen: string[] = []
    loop.callSoon(() => {
      loop.callSoon(() => seen.push('later'))
      seen.push('first')
    })
    loop.callSoon(() => seen.push('second'))
    await drain()
    expect(seen).toEqual(['first', 'second', 'later'])
  })

  it('[LS-03] gives a handle whose cancel prevents the call', async () => {
    let called = false
    const handle = loop.callSoon(() => {
      called = true
    })
    handle.cancel()
    await drain()
    expect([called, handle.cancelled()]).toEqual([false, true])
  })

  it('[LS-09] refuses what is no function', () => {
    for (const bad of [undefined, null, 1, 'text', {}]) {
      expect(() => loop.callSoon(bad as never)).toThrow(TypeError)
      expect(() => loop.callLater(1, bad as never)).toThrow(TypeError)
      expect(() => loop.callAt(1, bad as never)).toThrow(TypeError)
    }
  })
})

describe('timers', () => {
  it('[LS-04] callLater gives a timer that does not fire before its delay', async () => {
    const at: number[] = []
    loop.callLater(50, () => at.push(loop.time()))
    await loop.runUntilComplete(() => sleep(100))
    expect(at).toEqual([50])
  })

  it('[LS-05] [LS-06] negative and zero delays run soon, after what was ready before', async () => {
    const seen: string[] = []
    loop.callLater(-5, () => seen.push('negative'))
    loop.callLater(0, () => seen.push('zero'))
    loop.callSoon(() => seen.push('soon'))
    await drain()
    expect(seen).toEqual(['soon', 'negative', 'zero'])
  })

  it('[LS-07] callAt fires at its loop time; the time is monotonic, in milliseconds', async () => {
    const start = loop.time()
    let fired = -1
    loop.callAt(start + 30, () => {
      fired = loop.time()
    })
    await loop.runUntilComplete(() => sleep(40))
    expect(fired).toBe(start + 30)
    expect(loop.time()).toBe(start + 40)
  })

  it('[LS-08] a delay or a time that is no number is refused', () => {
    for (const bad of [undefined, null, '1']) {
      expect(() => loop.callLater(bad as never, () => {})).toThrow(TypeError)
      expect(() => loop.callAt(bad as never, () => {})).toThrow(TypeError)
    }
    expect(() => loop.callLater(Number.NaN, () => {})).toThrow(RangeError)
    expect(() => loop.callAt(Number.NaN, () => {})).toThrow(RangeError)
  })

  it('[LS-11] timers fire in the order of their deadlines', async () => {
    const seen: number[] = []
    const delays = Array.from({ length: 300 }, (_, i) => ((i * 7919) % 1000) + i / 1000)
    for (const delay of delays) loop.callLater(delay, () => seen.push(delay))
    await loop.runUntilComplete(() => sleep(2000))
    expect(seen).toEqual([...delays].sort((a, b) => a - b))
  })

  it('[LS-12] equal deadlines fire in the order of insertion', async () => {
    const seen: number[] = []
    for (let i = 0; i < 100; i++) loop.callAt(10, () => seen.push(i))
    await loop.runUntilComplete(() => sleep(20))
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i))
  })

  it('[LS-15] [LS-16] huge and infinite delays never fire early and can be cancelled', async () => {
    let fired = 0
    const timers = [2 ** 31, 2 ** 53, Number.MAX_VALUE, Number.POSITIVE_INFINITY].map((delay) =>
      loop.callLater(delay, () => fired++),
    )
    await loop.runUntilComplete(() => sleep(1000))
    expect(fired).toBe(0)
    for (const timer of timers) timer.cancel()
    expect(timers.every((timer) => timer.cancelled())).toBe(true)
  })

  it('[LS-17] when() tells the time, also after firing and cancelling', async () => {
    const fired = loop.callAt(5, () => {})
    const cancelled = loop.callAt(6, () => {})
    cancelled.cancel()
    await loop.runUntilComplete(() => sleep(10))
    expect([fired.when(), cancelled.when()]).toEqual([5, 6])
  })

  it('[LS-18] a storm of cancelled timers leaves nothing behind', async () => {
    const before = process.memoryUsage().heapUsed
    for (let round = 0; round < 200; round++) {
      const timers = Array.from({ length: 1000 }, () => loop.callLater(1e9, () => {}))
      for (const timer of timers) timer.cancel()
    }
    ;(globalThis as { gc?: () => void }).gc?.()
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(5_000_000)
    await drain()
  })

  it('[LS-19] cancelled timers at the head do not wake the loop at their deadline', async () => {
    for (let i = 1; i < 50; i++) loop.callLater(i, () => {}).cancel()
    await loop.runUntilComplete(() => sleep(100))
    expect(loop.time()).toBe(100)
  })

  it('[LS-20] a timer may schedule a timer', async () => {
    const at: number[] = []
    loop.callLater(10, () => {
      loop.callLater(0, () => at.push(loop.time()))
      loop.callLater(5, () => at.push(loop.time()))
    })
    await loop.runUntilComplete(() => sleep(50))
    expect(at).toEqual([10, 15])
  })
})

describe('running', () => {
  it('[LS-10] [LS-33] a closed loop refuses everything, closes twice, and runs nothing that was pending', async () => {
    let called = false
    loop.callSoon(() => {
      called = true
    })
    loop.close()
    loop.close()
    expect(loop.isClosed()).toBe(true)
    const closed = { name: 'LoopError', code: 'ERR_LOOP_CLOSED', message: 'Event loop is closed' }
    for (const call of [
      () => loop.callSoon(() => {}),
      () => loop.callSoonThreadsafe(() => {}),
      () => loop.callLater(1, () => {}),
      () => loop.callAt(1, () => {}),
      () => loop.createTask(async () => {}),
      () => loop.runInExecutor(null, () => {}),
      () => loop.threadHandle(),
    ]) {
      expect(call).toThrow(expect.objectContaining(closed))
    }
    await expect(loop.runForever()).rejects.toMatchObject(closed)
    await expect(loop.runUntilComplete(async () => {})).rejects.toMatchObject(closed)
    expect(called).toBe(false)
  })

  it('[LS-22] stop() lets the batch finish; what the batch added waits for the next run', async () => {
    const seen: string[] = []
    loop.callSoon(() => {
      loop.stop()
      seen.push('stops')
      loop.callSoon(() => seen.push('next run'))
    })
    loop.callSoon(() => seen.push('same batch'))
    await loop.runForever()
    expect(seen).toEqual(['stops', 'same batch'])
    loop.callSoon(() => loop.stop())
    await loop.runForever()
    expect(seen).toEqual(['stops', 'same batch', 'next run'])
  })

  it('[LS-23] stop() before runForever(): runs what is ready, once, and returns', async () => {
    const seen: string[] = []
    loop.callSoon(() => {
      seen.push('ready')
      loop.callSoon(() => seen.push('not now'))
    })
    loop.stop()
    await loop.runForever()
    expect(seen).toEqual(['ready'])
  })

  it('[LS-25] runUntilComplete gives the result or throws the exception', async () => {
    expect(await loop.runUntilComplete(async () => 3)).toBe(3)
    await expect(
      loop.runUntilComplete(async () => {
        throw new RangeError('no')
      }),
    ).rejects.toThrow(RangeError)
  })

  it('[LS-26] runUntilComplete of what cannot be awaited is a TypeError', async () => {
    await expect(loop.runUntilComplete(42 as never)).rejects.toThrow(TypeError)
  })

  it('[LS-27] runUntilComplete with a future of another loop is a RangeError', async () => {
    const other = new VirtualClockEventLoop()
    await expect(loop.runUntilComplete(other.createFuture())).rejects.toThrow(RangeError)
    other.close()
  })

  it('[LS-28] runUntilComplete says so when the loop was stopped early', async () => {
    loop.callSoon(() => loop.stop())
    await expect(loop.runUntilComplete(loop.createFuture())).rejects.toMatchObject({
      code: 'ERR_LOOP_STOPPED',
      message: 'Event loop stopped before Future completed.',
    })
  })

  it('[LS-29] [LS-30] running a running loop, or another from inside, is an error that changes nothing', async () => {
    const other = new VirtualClockEventLoop()
    await loop.runUntilComplete(async () => {
      await expect(loop.runForever()).rejects.toThrow(LoopError)
      await expect(other.runUntilComplete(async () => {})).rejects.toMatchObject({ code: 'ERR_LOOP_RUNNING' })
      expect([loop.isRunning(), other.isRunning()]).toEqual([true, false])
    })
    other.close()
  })

  it('[LS-32] close() while running is an error', () =>
    loop.runUntilComplete(async () => {
      expect(() => loop.close()).toThrow(expect.objectContaining({ code: 'ERR_LOOP_RUNNING' }))
    }))

  it('runs two loops side by side from code of the host', async () => {
    const other = new VirtualClockEventLoop()
    const both = await Promise.all([
      loop.runUntilComplete(() => sleep(10, 'a')),
      other.runUntilComplete(() => other.createTask(async () => 'b') as never),
    ])
    expect(both).toEqual(['a', 'b'])
    other.close()
  })

  it('[EFTD-06] wakes for work that comes from the host', async () => {
    const future = loop.createFuture<string>()
    setTimeout(() => future.setResult('from a timer of the host'), 5)
    expect(await loop.runUntilComplete(future)).toBe('from a timer of the host')
  })
})
