import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { DefaultExecutor } from '../../src/executors/default_executor.js'
import type { Executor, ShutdownOptions } from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

let loop: VirtualClockEventLoop
let shutdowns: (ShutdownOptions | undefined)[]
let warnings: string[]

/** Ends when it is told to. */
function executor(ended: Promise<void>): Executor {
  return {
    submit: async () => 1 as never,
    shutdown: (options) => {
      shutdowns.push(options)
      return options?.wait === false ? Promise.resolve() : ended
    },
  }
}

beforeEach(() => {
  loop = new VirtualClockEventLoop()
  shutdowns = []
  warnings = []
  vi.spyOn(process, 'emitWarning').mockImplementation(((message: string, { type }: { type: string }) => {
    warnings.push(`${type}: ${message}`)
  }) as never)
})
afterEach(() => {
  vi.restoreAllMocks()
  loop.close()
})

it('[TAE-09] waits for the executor', async () => {
  let end = () => {}
  const mine = new DefaultExecutor(loop)
  mine.set(executor(new Promise((resolve) => (end = resolve))))
  await loop.runUntilComplete(async () => {
    loop.callLater(50, end)
    await mine.shutdown(100)
  })
  expect([loop.time(), shutdowns, warnings]).toEqual([50, [{ wait: true }], []])
  expect(() => mine.unless(null)).toThrow(expect.objectContaining({ code: 'ERR_EXECUTOR_SHUTDOWN' }))
})

it('[TAE-10] warns after the time, and lets go', async () => {
  const mine = new DefaultExecutor(loop)
  mine.set(executor(new Promise(() => {})))
  await loop.runUntilComplete(() => mine.shutdown(100))
  expect(loop.time()).toBe(100)
  expect(shutdowns).toEqual([{ wait: true }, { wait: false, cancelFutures: true }])
  expect(warnings).toEqual(['RuntimeWarning: The executor did not finish joining its threads within 100 ms'])
})

it('a failure to shut down is told to who waits for it, else to the exception handler', async () => {
  const mine = new DefaultExecutor(loop)
  const reports: string[] = []
  loop.setExceptionHandler((_loop, { message, exception }) => void reports.push(`${message}: ${exception?.message}`))
  mine.set({ submit: async () => 1 as never, shutdown: async () => Promise.reject(new Error('no')) })
  await expect(loop.runUntilComplete(() => mine.shutdown(null))).rejects.toThrow('no')
  await expect(loop.runUntilComplete(() => mine.shutdown(100))).rejects.toThrow('no')
  mine.close()
  await new Promise((resolve) => setImmediate(resolve))
  expect(reports).toEqual(['Shutting down the executor failed: no'])
})
