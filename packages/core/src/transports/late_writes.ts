import { inspect } from 'node:util'
import type { BaseTransport } from './transport.js'

/** Writes to a connection that is gone before the program is told, once, that it talks to nobody. */
const writesBeforeWarning = 5

/**
 * Something was written to a connection that is gone; it is dropped.
 * @param earlier how many times before
 */
export function warnOfLateWrites(transport: BaseTransport, earlier: number): void {
  if (earlier !== writesBeforeWarning) return
  process.emitWarning(
    `${writesBeforeWarning} writes to a lost connection were dropped; a protocol is told by connectionLost()`,
    { type: 'LostConnectionWarning', code: 'LOOP_LOST_CONNECTION', detail: inspect(transport) },
  )
}
