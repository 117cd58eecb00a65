import { sourceTraceback } from '../introspection/source.js'
import type { EventLoop, ExceptionContext } from '../loop/event_loop.js'
import type { Future } from './future.js'

/**
 * An error that nobody has looked at. It is reported once: when its future is collected, or when its loop closes.
 * The record must not hold the future, or it would never be collected.
 */
export interface Unretrieved {
  readonly loop: EventLoop
  readonly context: ExceptionContext
}

const collected = new FinalizationRegistry<Unretrieved>(report)

export function watchUnretrieved(future: Future<unknown>, exception: Error): Unretrieved {
  const record = {
    loop: future._loop,
    context: { message: `${future._label()} exception was never retrieved`, exception, ...sourceTraceback(future) },
  }
  future._loop._unretrieved.add(record)
  collected.register(future, record, future)
  return record
}

export function forgetUnretrieved(future: Future<unknown>, record: Unretrieved): void {
  record.loop._unretrieved.delete(record)
  collected.unregister(future)
}

/** Reports it unless somebody did before. */
export function report(record: Unretrieved): void {
  if (!record.loop._unretrieved.delete(record)) return
  record.loop.callExceptionHandler(record.context)
}
