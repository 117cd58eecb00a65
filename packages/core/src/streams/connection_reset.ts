import { getSystemErrorMap } from 'node:util'
import { type SystemError, systemError } from '../errors/index.js'

/** The number of ECONNRESET differs between platforms. */
const reset = [...getSystemErrorMap()].find(([, [code]]) => code === 'ECONNRESET')?.[0] ?? -104

/** What a writer gets that goes on after its connection is gone. Python: `ConnectionResetError('Connection lost')`. */
export function connectionReset(): SystemError {
  return systemError(reset, 'write', { message: 'Connection lost' })
}
