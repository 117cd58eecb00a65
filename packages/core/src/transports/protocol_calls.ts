/** What a transport of any kind does with its protocol. */
import { inspect } from 'node:util'
import { isSystemError } from '../errors/index.js'
import type { EventLoop } from '../loop/event_loop.js'
import type { BaseProtocol } from './protocols.js'
import type { Transport } from './transport.js'

interface Calling extends Transport {
  readonly _loop: EventLoop
  readonly _protocol: BaseProtocol
  _forceClose(exception: Error | null): void
}

/** @throws TypeError unless it is an object */
export function mustBeProtocol(protocol: unknown): asserts protocol is BaseProtocol {
  if (typeof protocol === 'object' && protocol !== null) return
  throw new TypeError(`A protocol must be an object, not ${inspect(protocol)}`)
}

/** An error of the protocol's is reported; the connection goes on. */
export function callConnectionMade(transport: Calling): void {
  try {
    transport._protocol.connectionMade?.(transport)
  } catch (exception) {
    report(transport, exception as Error, 'Exception in callback connectionMade')
  }
}

/** An error that ends the connection; what the network does is everyday and not reported. */
export function fatalError(transport: Calling, exception: Error, message: string): void {
  if (!isSystemError(exception)) report(transport, exception, message)
  transport._forceClose(exception)
}

function report(transport: Calling, exception: Error, message: string): void {
  transport._loop.callExceptionHandler({ message, exception, transport, protocol: transport._protocol })
}
