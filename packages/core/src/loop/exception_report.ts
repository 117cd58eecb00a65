import { inspect } from 'node:util'
import type { EventLoop, ExceptionContext, ExceptionHandler } from './event_loop.js'

/** Writes an error nobody handled to standard error: the message, what it concerns, the error with its stack. */
export function reportException(context: ExceptionContext): void {
  const { message, exception, sourceTraceback, ...details } = context
  const lines = [message || 'Unhandled exception in event loop']
  for (const [key, value] of Object.entries(details)) lines.push(`${key}: ${inspect(value, { depth: 1 })}`)
  if (sourceTraceback !== undefined) {
    lines.push('made here:')
    for (const frame of sourceTraceback) lines.push(`    ${frame}`)
  }
  if (exception !== undefined) lines.push(inspect(exception))
  console.error(lines.join('\n'))
}

/** Tells the loop's handler, or the default one; a handler that throws is reported itself. */
export function tellHandler(loop: EventLoop, handler: ExceptionHandler | null, context: ExceptionContext): void {
  try {
    if (handler === null) loop.defaultExceptionHandler(context)
    else handler(loop, context)
  } catch (exception) {
    if (handler === null)
      return reportException({ message: 'Exception in default exception handler', exception: exception as Error })
    try {
      loop.defaultExceptionHandler({
        ...context,
        message: 'Unhandled error in exception handler',
        exception: exception as Error,
        context,
      } as ExceptionContext)
    } catch (second) {
      reportException({
        message:
          'Exception in default exception handler while handling an unexpected error in custom exception handler',
        exception: second as Error,
      })
    }
  }
}
