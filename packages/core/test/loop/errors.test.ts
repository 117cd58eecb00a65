// By a virtual clock; the rest of it, on the loop of each mechanism, is in the conformance suite.
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { ContextVar, sleep } from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

let loop: VirtualClockEventLoop
let printed: MockInstance<typeof console.error>
const lines = () => printed.mock.calls.map((call) => String(call[0]))

beforeEach(() => {
  loop = new VirtualClockEventLoop()
  printed = vi.spyOn(console, 'error').mockImplementation(() => {})
})

afterEach(() => {
  loop.close()
  printed.mockRestore()
})

const pass = () => loop.runUntilComplete(() => sleep(0))

describe('exception handler', () => {
  it('[LEHA-02] the default handler prints a message that begins with "Exception in callback"', async () => {
    loop.callSoon(function explode() {
      throw new Error('boom')
    })
    await pass()
    expect(lines()[0]).toMatch(/^Exception in callback explode/)
    expect(lines()[0]).toContain('boom')
  })

  it('[LEHA-07] runs in the context of the handle that failed', async () => {
    const variable = new ContextVar<string>('v')
    const seen: unknown[] = []
    loop.setExceptionHandler(() => seen.push(variable.get()))
    await loop.runUntilComplete(async () => {
      variable.set('mine')
      loop.callSoon(() => {
        throw new Error()
      })
      variable.set('later')
      await sleep(0)
    })
    expect(seen).toEqual(['mine'])
  })
})

describe('debug mode', () => {
  const slowFor = (ms: number) => {
    const end = performance.now() + ms
    while (performance.now() < end);
  }
  /** Warnings are emitted in a tick of the host. */
  async function warnings(body: () => Promise<void>): Promise<string[]> {
    const seen: string[] = []
    const listen = (warning: Error & { code?: string }) => {
      if (warning.code === 'LOOP_SLOW_CALLBACK') seen.push(warning.message)
    }
    process.on('warning', listen)
    await body()
    await new Promise((resolve) => setImmediate(resolve))
    process.off('warning', listen)
    return seen
  }

  it('[LEHA-09] a loop cannot get into another thread, nor what belongs to one', () => {
    const { port1 } = new MessageChannel()
    for (const mine of [loop, loop.createFuture()])
      expect(() => port1.postMessage(mine)).toThrow(/anEventLoopStaysInItsThread.* could not be cloned/s)
    expect(() => port1.postMessage(loop.callLater(1, () => {}))).toThrow(/could not be cloned/)
    port1.close()
  })

  it('[LEHA-10] reports callbacks that are slower than slowCallbackDuration', async () => {
    loop.setDebug(true)
    loop.slowCallbackDuration = 10
    const seen = await warnings(async () => {
      loop.callSoon(function dawdle() {
        slowFor(15)
      })
      loop.callSoon(function quick() {})
      await pass()
    })
    expect(seen.filter((line) => line.includes('dawdle'))).toHaveLength(1)
    expect(seen.some((line) => line.includes('quick'))).toBe(false)
    expect(seen[0]).toMatch(/took 0\.0\d\d seconds/)
  })

  it('[LEHA-11] reports a slow step of a task with the task', async () => {
    loop.setDebug(true)
    loop.slowCallbackDuration = 10
    const seen = await warnings(() =>
      loop.runUntilComplete(async () => {
        await loop.createTask(
          async function body() {
            await sleep(0)
            slowFor(15)
          },
          { name: 'heavy' },
        )
      }),
    )
    expect(seen.some((line) => line.includes('heavy'))).toBe(true)
  })

  it('[LEHA-12] refuses async functions as callbacks', () => {
    loop.setDebug(true)
    expect(() => loop.callSoon(async () => {})).toThrow(/createTask/)
    expect(() => loop.callLater(1, async () => {})).toThrow(TypeError)
    expect(() => loop.callAt(1, async () => {})).toThrow(TypeError)
  })
})
