import { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import {
  type BaseEventLoop,
  type BufferedProtocol,
  getRunningLoop,
  LoopError,
  type Protocol,
  type Transport,
} from '@loop/core'
import { DuplexTransport, isConnecting } from './duplex_transport.js'

/**
 * A stream of Node's as a transport for a protocol, as `loop.createConnection` gives one: a socket of another library's, the
 * two ends of a child process, a stream that compresses. The stream is the transport's from then on. One that is being
 * connected is waited for.
 * @throws TypeError, LoopError for a stream that is destroyed, at the call; later what keeps it from being connected
 */
export function fromDuplex<P extends Protocol | BufferedProtocol>(
  duplex: Duplex,
  protocolFactory: () => P,
): Promise<[Transport, P]> {
  if (!(duplex instanceof Duplex)) {
    throw new TypeError(`A Duplex is required, not ${inspect(duplex, { depth: 0 })}`)
  }
  if (typeof protocolFactory !== 'function') {
    throw new TypeError(`A protocol factory must be a function, not ${inspect(protocolFactory)}`)
  }
  if (duplex.readableObjectMode || duplex.writableObjectMode) {
    throw new TypeError('A transport carries bytes, and this Duplex carries objects')
  }
  if (duplex.destroyed) throw new LoopError('The Duplex is destroyed', 'ERR_LOOP_STATE')
  return begin(getRunningLoop() as BaseEventLoop, duplex, protocolFactory())
}

async function begin<P extends Protocol | BufferedProtocol>(
  loop: BaseEventLoop,
  duplex: Duplex,
  protocol: P,
): Promise<[Transport, P]> {
  const transport = new DuplexTransport(loop, duplex, protocol)
  const made = loop.createFuture<void>()
  const start = () => {
    if (!loop.isClosed()) loop.callSoon(() => transport._begin(made))
  }
  duplex.once('close', () => {
    if (!made.done())
      made.setException(transport._exception ?? new LoopError('The Duplex was destroyed', 'ERR_LOOP_STATE'))
  })
  // A TLSSocket is connected first, and secure later.
  if (isConnecting(duplex)) duplex.once('encrypted' in duplex ? 'secureConnect' : 'connect', start)
  else start()
  try {
    await made
    return [transport, protocol]
  } catch (error) {
    duplex.destroy()
    throw error
  }
}
