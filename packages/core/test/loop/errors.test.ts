import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import {
  AbstractServer,
  ContextVar,
  EventLoop,
  type ExceptionContext,
  NotImplementedError,
  sleep,
} from '../../src/index.js'
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
  it('[LEHA-01] gets message, exception and handle of a callback that threw; the loop goes on', async () => {
    const seen: ExceptionContext[] = []
    loop.setExceptionHandler((_loop, context) => seen.push(context))
    const error = new Error('broken')
    const handle = loop.callSoon(() => {
      throw error
    })
    let after = false
    loop.callSoon(() => {
      after = true
    })
    await pass()
    expect(seen).toEqual([{ message: expect.stringContaining('Exception in callback'), exception: error, handle }])
    expect(after).toBe(true)
  })

  it('[LEHA-02] the default handler prints a message that begins with "Exception in callback"', async () => {
    loop.callSoon(function explode() {
      throw new Error('boom')
    })
    await pass()
    expect(lines()[0]).toMatch(/^Exception in callback explode/)
    expect(lines()[0]).toContain('boom')
  })

  it('[LEHA-03] is a function or null, and getExceptionHandler mirrors it', () => {
    const handler = () => {}
    loop.setExceptionHandler(handler)
    expect(loop.getExceptionHandler()).toBe(handler)
    loop.setExceptionHandler(null)
    expect(loop.getExceptionHandler()).toBeNull()
    expect(() => loop.setExceptionHandler('text' as never)).toThrow(TypeError)
  })

  it('[LEHA-04] gets the loop and the context and may delegate to the default', async () => {
    const loops: unknown[] = []
    loop.setExceptionHandler((which, context) => {
      loops.push(which)
      which.defaultExceptionHandler(context)
    })
    loop.callSoon(() => {
      throw new Error('delegated')
    })
    await pass()
    expect(loops).toEqual([loop])
    expect(lines()[0]).toContain('delegated')
  })

  it('[LEHA-05] that throws is reported by the default, with the original context', async () => {
    loop.setExceptionHandler(() => {
      throw new Error('handler is broken')
    })
    loop.callSoon(() => {
      throw new Error('original')
    })
    await pass()
    expect(lines()[0]).toContain('Unhandled error in exception handler')
    expect(lines()[0]).toContain('handler is broken')
    expect(lines()[0]).toContain('original')
  })

  it('[LEHA-06] is told once of a task error that nobody looked at, with the task', async () => {
    const seen: ExceptionContext[] = []
    loop.setExceptionHandler((_loop, context) => seen.push(context))
    ;(() => {
      loop.createTask(
        async () => {
          throw new Error('lost')
        },
        { name: 'forgotten' },
      )
    })()
    await pass()
    await pass()
    loop.close()
    expect(seen).toHaveLength(1)
    expect(seen[0]).toMatchObject({
      message: "Task 'forgotten' exception was never retrieved",
      exception: { message: 'lost' },
    })
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

  it('[LEHA-08] is asked, set, and turned on by LOOP_DEBUG', () => {
    expect(loop.getDebug()).toBe(process.env.LOOP_DEBUG === '1')
    loop.setDebug(true)
    expect(loop.getDebug()).toBe(true)
    vi.stubEnv('LOOP_DEBUG', '1')
    const debugging = new VirtualClockEventLoop()
    expect(debugging.getDebug()).toBe(true)
    vi.unstubAllEnvs()
    debugging.close()
  })

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

it('[LEHA-13] cancelling a handle lets go of its callback and arguments', async () => {
  let collected = false
  const registry = new FinalizationRegistry(() => {
    collected = true
  })
  const handle = (() => {
    const argument = { big: new Array(1000).fill(0) }
    registry.register(argument, undefined)
    return loop.callSoon((_argument: object) => {}, argument)
  })()
  handle.cancel()
  for (let i = 0; i < 20 && !collected; i++) {
    ;(globalThis as { gc?: () => void }).gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect([collected, handle.cancelled()]).toEqual([true, true])
})

it('[LEHA-14] every method of a bare EventLoop and AbstractServer says that it is not implemented', () => {
  class BareLoop extends EventLoop {}
  class BareServer extends AbstractServer {}
  for (const bare of [new BareLoop(), new BareServer()] as object[]) {
    const base = Object.getPrototypeOf(Object.getPrototypeOf(bare)) as object
    const methods = Object.getOwnPropertyNames(base).filter((name) => !/^(constructor|backend|_.*)$/.test(name))
    expect(methods.length).toBeGreaterThan(5)
    for (const name of methods)
      expect(() => (bare as Record<string, () => void>)[name]!(), name).toThrow(NotImplementedError)
  }
})
