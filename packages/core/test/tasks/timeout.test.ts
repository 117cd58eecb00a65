import { describe, expect, it } from 'vitest'
import {
  CancelledError,
  createTask,
  currentTask,
  sleep,
  Timeout,
  TimeoutError,
  timeout,
  timeoutAt,
} from '../../src/index.js'
import { caught, virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at

describe('expiry', () => {
  it('[TIME-01] turns its own cancellation into TimeoutError', () =>
    run(async () => {
      let scope: Timeout | undefined
      const error = await caught(
        timeout(10, async (own) => {
          scope = own
          await sleep(1000)
        }),
      )
      expect(error).toBeInstanceOf(TimeoutError)
      expect(error?.cause).toBeInstanceOf(CancelledError)
      expect(scope?.expired()).toBe(true)
      expect(scope?.when()).toBe(10)
      expect(at.loop.time()).toBe(10)
    }))

  it('[TIME-02] timeoutAt takes a time of the loop', () =>
    run(async () => {
      await sleep(5)
      expect(await caught(timeoutAt(20, () => sleep(1000)))).toBeInstanceOf(TimeoutError)
      expect(at.loop.time()).toBe(20)
    }))

  it('[TIME-03] a body that ends early is not disturbed', () =>
    run(async () => {
      let scope: Timeout | undefined
      const result = await timeout(1000, async (own) => {
        scope = own
        await sleep(1)
        return 'early'
      })
      expect(result).toBe('early')
      expect(scope?.expired()).toBe(false)
      expect(at.loop.time()).toBe(1)
      await sleep(2000)
      expect(scope?.expired()).toBe(false)
    }))

  it.each([0, -11])('[TIME-04] timeout(%d) ends the first wait, even sleep(0)', (delay) =>
    run(async () => {
      expect(await caught(timeout(delay, () => sleep(0)))).toBeInstanceOf(TimeoutError)
      expect(await caught(timeoutAt(at.loop.time() - 5, () => sleep(1000)))).toBeInstanceOf(TimeoutError)
      expect(at.loop.time()).toBe(0)
    }),
  )

  it('[TIME-05] timeout(0) around a body that never waits does not throw', () =>
    run(async () => {
      expect(await timeout(0, async () => 'done')).toBe('done')
      await sleep(0)
      expect(currentTask()?.cancelling()).toBe(0)
    }))

  it('a null delay is none, until one is set', () =>
    run(async () => {
      const error = await caught(
        timeout(null, async (scope) => {
          expect(scope.when()).toBe(null)
          await sleep(500)
          scope.reschedule(600)
          await sleep(500)
        }),
      )
      expect(error).toBeInstanceOf(TimeoutError)
      expect(at.loop.time()).toBe(600)
    }))
})

describe('nesting', () => {
  it('[TIME-06] with one deadline only the outermost throws TimeoutError', () =>
    run(async () => {
      let inner: Error | null = null
      const scopes: Timeout[] = []
      const outer = await caught(
        timeoutAt(10, async (first) => {
          inner = await caught(
            timeoutAt(10, async (second) => {
              scopes.push(first, second)
              await sleep(1000)
            }),
          )
          throw inner
        }),
      )
      expect(inner).toBeInstanceOf(CancelledError)
      expect(outer).toBeInstanceOf(TimeoutError)
      expect(scopes.map((scope) => scope.expired())).toEqual([true, true])
    }))

  it('[TIME-06] the inner one that expires leaves the outer alone', () =>
    run(async () => {
      const result = await timeout(100, async (outer) => {
        expect(await caught(timeout(10, () => sleep(1000)))).toBeInstanceOf(TimeoutError)
        expect(outer.expired()).toBe(false)
        await sleep(10)
        return 'on'
      })
      expect(result).toBe('on')
    }))

  it('[TIME-06] the outer one that expires passes through the inner as CancelledError', () =>
    run(async () => {
      let inner: Timeout | undefined
      const error = await caught(
        timeout(10, () =>
          timeout(100, async (own) => {
            inner = own
            await sleep(1000)
          }),
        ),
      )
      expect(error).toBeInstanceOf(TimeoutError)
      expect(inner?.expired()).toBe(false)
    }))

  it('[TIME-07] both deadlines passed while the loop was busy: both expire, the outer throws TimeoutError', () =>
    run(async () => {
      const scopes: Timeout[] = []
      let inner: Error | null = null
      const outer = await caught(
        timeout(20, async (first) => {
          scopes.push(first)
          inner = await caught(
            timeout(10, async (second) => {
              scopes.push(second)
              // Both deadlines are in the past when the loop gets to see them.
              first.reschedule(-2)
              second.reschedule(-1)
              await sleep(1000)
            }),
          )
          throw inner
        }),
      )
      expect(scopes.map((scope) => scope.expired())).toEqual([true, true])
      expect(inner).toBeInstanceOf(CancelledError)
      expect(outer).toBeInstanceOf(TimeoutError)
      expect(currentTask()?.cancelling()).toBe(0)
    }))

  it('[TIME-08] after an inner timeout the outer still interrupts the next wait', () =>
    run(async () => {
      let after = false
      const error = await caught(
        timeout(100, async () => {
          expect(await caught(timeout(10, () => sleep(1000)))).toBeInstanceOf(TimeoutError)
          after = true
          await sleep(1000)
        }),
      )
      expect(after).toBe(true)
      expect(error).toBeInstanceOf(TimeoutError)
      expect(at.loop.time()).toBe(100)
    }))
})

describe('errors and cancellations of others', () => {
  it('[TIME-09] an error of the body passes unchanged', () =>
    run(async () => {
      const mine = new RangeError('mine')
      let scope: Timeout | undefined
      const body = async (own: Timeout) => {
        scope = own
        await sleep(1)
        throw mine
      }
      expect(await caught(timeout(10, body))).toBe(mine)
      expect(scope?.expired()).toBe(false)
    }))

  it('[TIME-10] an error thrown in answer to the timeout takes its place', () =>
    run(async () => {
      const mine = new RangeError('mine')
      const body = async () => {
        try {
          await sleep(1000)
        } catch {
          throw mine
        }
      }
      expect(await caught(timeout(10, body))).toBe(mine)
      expect(currentTask()?.cancelling()).toBe(0)
    }))

  it('[TIME-11] a cancellation before the deadline is a CancelledError', () =>
    run(async () => {
      const task = createTask(() => timeout(100, () => sleep(1000)))
      at.loop.callLater(10, () => task.cancel())
      expect(await caught(task)).toBeInstanceOf(CancelledError)
      expect(task.cancelled()).toBe(true)
    }))

  it('[TIME-12] a cancellation in the same pass as the deadline wins', () =>
    run(async () => {
      const task = createTask(() => timeoutAt(10, () => sleep(1000)))
      await sleep(0)
      at.loop.callAt(10, () => task.cancel())
      expect(await caught(task)).toBeInstanceOf(CancelledError)
      expect(at.loop.time()).toBe(10)
    }))

  it('[TIME-13] the task counts no request to cancel afterwards', () =>
    run(async () => {
      const task = createTask(async () => {
        expect(await caught(timeout(10, () => sleep(1000)))).toBeInstanceOf(TimeoutError)
        expect(currentTask()?.cancelling()).toBe(0)
        await sleep(10)
        return 'on'
      })
      expect(await task).toBe('on')
      expect(task.cancelled()).toBe(false)
    }))

  it('[TIME-17] a cancellation in a timeout after one that was swallowed is a CancelledError', () =>
    run(async () => {
      const task = createTask(async () => {
        currentTask()?.cancel()
        await caught(sleep(1000))
        return caught(
          timeout(1000, async () => {
            currentTask()?.cancel()
            await sleep(2000)
          }),
        )
      })
      expect(await task).toBeInstanceOf(CancelledError)
      expect(task.cancelling()).toBe(2)
    }))

  it('a signal that aborts ends the body with CancelledError and its reason', () =>
    run(async () => {
      const controller = new AbortController()
      at.loop.callLater(5, () => controller.abort('enough'))
      const error = await caught(timeout(10, () => sleep(1000), { signal: controller.signal }))
      expect(error).toBeInstanceOf(CancelledError)
      expect(error?.cause).toBe('enough')
      expect(currentTask()?.cancelling()).toBe(0)
      let began = false
      const again = timeout(
        10,
        async () => {
          began = true
        },
        { signal: controller.signal },
      )
      expect(await caught(again)).toBeInstanceOf(CancelledError)
      expect(began).toBe(false)
    }))
})

describe('reschedule and misuse', () => {
  it('[TIME-14] reschedule moves the deadline or takes it away', () =>
    run(async () => {
      const error = await caught(
        timeoutAt(10, async (scope) => {
          scope.reschedule(50)
          expect(scope.when()).toBe(50)
          await sleep(40)
          scope.reschedule(null)
          expect(scope.when()).toBe(null)
          await sleep(40)
          scope.reschedule(90)
          await sleep(1000)
        }),
      )
      expect(error).toBeInstanceOf(TimeoutError)
      expect(at.loop.time()).toBe(90)
    }))

  it('[TIME-14] a deadline in the past comes in the next pass', () =>
    run(async () => {
      const body = async (scope: Timeout) => {
        scope.reschedule(-1)
        await sleep(0)
      }
      expect(await caught(timeout(1000, body))).toBeInstanceOf(TimeoutError)
      expect(at.loop.time()).toBe(0)
    }))

  it('[TIME-15] reschedule outside the running body is an error that names the state', () =>
    run(async () => {
      const fresh = new Timeout(10)
      expect(() => fresh.reschedule(20)).toThrow('has not been entered')
      const seen: string[] = []
      const attempt = (scope: Timeout) => {
        try {
          scope.reschedule(5000)
        } catch (error) {
          seen.push((error as Error).message)
        }
      }
      await fresh.run(async () => {})
      attempt(fresh)
      const expiring = new Timeout(10)
      await caught(
        expiring.run(async (own) => {
          await caught(sleep(1000))
          attempt(own)
          throw new CancelledError()
        }),
      )
      attempt(expiring)
      expect(seen).toEqual(
        ['finished', 'expiring', 'expired'].map((state) => `Cannot change state of ${state} Timeout`),
      )
    }))

  it('[TIME-16] entering twice is an error', () =>
    run(async () => {
      const scope = new Timeout(null)
      await scope.run(async () => {
        expect(await caught(scope.run(async () => {}))).toMatchObject({ code: 'ERR_LOOP_STATE' })
      })
      expect(await caught(scope.run(async () => {}))).toMatchObject({ message: 'Timeout has already been entered' })
    }))

  it('[TIME-16] entering outside a task is an error', () =>
    run(async () => {
      const error = await new Promise<Error | null>((resolve) => {
        at.loop.callSoon(() => resolve(caught(timeout(10, async () => {}))))
      })
      expect(error).toMatchObject({ code: 'ERR_LOOP_STATE', message: expect.stringContaining('inside a task') })
    }))

  it('refuses wrong arguments at the call', () =>
    run(async () => {
      expect(() => timeout('10' as never, async () => {})).toThrow(TypeError)
      expect(() => timeout(Number.NaN, async () => {})).toThrow(RangeError)
      expect(() => timeout(10, Promise.resolve() as never)).toThrow(TypeError)
    }))
})
