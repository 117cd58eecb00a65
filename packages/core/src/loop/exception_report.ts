import { inspect } from 'node:util'
import type { ExceptionContext } from './event_loop.js'

/** Writes an error nobody handled to standard error: the message, what it concerns, the error with its stack. */
export function reportException(context: ExceptionContext): void {
  const { message, exception, ...details } = context
  const lines = [message || 'Unhandled exception in event loop']
  for (const [key, value] of Object.entries(details)) lines.push(`${key}: ${inspect(value, { depth: 1 })}`)
  if (exception !== undefined) lines.push(inspect(exception))
  console.error(lines.join('\n'))
}
