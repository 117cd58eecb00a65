import { afterEach, beforeEach } from 'vitest'
import type { EventLoop, ExceptionContext } from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

/** Gives every test of the file a loop with a virtual clock, and what its exception handler was told. */
export function virtualLoop() {
  const at = {
    loop: null as unknown as EventLoop,
    reports: [] as ExceptionContext[],
    run: <T>(main: () => Promise<T>): Promise<T> => at.loop.runUntilComplete(main),
  }
  beforeEach(() => {
    at.loop = new VirtualClockEventLoop()
    at.reports = []
    at.loop.setExceptionHandler((_loop, context) => at.reports.push(context))
  })
  afterEach(() => at.loop.close())
  return at
}

/** What a promise rejects with; null if it does not. */
export function caught(promise: PromiseLike<unknown>): Promise<Error | null> {
  return Promise.resolve(promise).then(
    () => null,
    (error: Error) => error,
  )
}
