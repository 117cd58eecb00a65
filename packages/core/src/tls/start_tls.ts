import { inspect } from 'node:util'
import { LoopError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { StartTlsOptions, TlsOption } from '../loop/options.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { type Abortable, abortable, abortError } from '../tasks/abortable.js'
import { mustBeProtocol } from '../transports/flow_control.js'
import type { StreamingProtocol } from '../transports/protocols.js'
import { SeqpacketTransport } from '../transports/seqpacket_transport.js'
import { StreamSocketTransport } from '../transports/stream_socket_transport.js'
import type { BaseTransport, Transport } from '../transports/transport.js'
import { clientTls, serverTls } from './tls_settings.js'
import { TlsTransport } from './tls_transport.js'

/** A protocol that keeps what arrives until it is asked for; some of it may be the peer's handshake already. */
interface Buffering {
  _takeBuffered?(): Buffer
}

/**
 * Goes on over TLS on a connection that is open: from the call on its bytes belong to the handshake. Use the transport
 * that this gives from then on; `protocol` stays, and hears no second `connectionMade`.
 * @throws TypeError, RangeError, LoopError for wrong arguments at the call; later what ended the handshake, and then the
 *   connection is closed
 *
 * asyncio: `start_tls`.
 */
export function startTls(
  loop: SocketEventLoop,
  transport: BaseTransport,
  protocol: StreamingProtocol,
  ssl: TlsOption,
  options: StartTlsOptions = {},
): Promise<Transport> {
  loop._mustBeOpen()
  const stream = transport instanceof StreamSocketTransport && !(transport instanceof SeqpacketTransport)
  if (!stream && !(transport instanceof TlsTransport)) {
    throw new TypeError(`The transport ${inspect(transport, { depth: 0 })} is not supported by startTls()`)
  }
  if (transport._loop !== loop) throw new LoopError('The transport is of another loop', 'ERR_LOOP_STATE')
  mustBeProtocol(protocol)
  const given = { ...options, ssl }
  const settings = options.serverSide ? serverTls(given) : clientTls(given, options.serverHostname)
  if (settings === null) throw new TypeError(`ssl must be a TlsContext or its options, not ${inspect(ssl)}`)
  if (transport.isClosing()) throw new LoopError('Transport is closing', 'ERR_LOOP_STATE')
  if (options.signal?.aborted) return Promise.reject(abortError(options.signal))
  const handshake = loop.createFuture<void>()
  const upgraded = new TlsTransport({
    loop,
    protocol,
    settings,
    announce: false,
    done: (error) => settle(handshake, error),
    sock: stream && transport.getWriteBufferSize() === 0 ? transport._sock : null,
    wire: (reader) => {
      transport.setProtocol(reader)
      const early = (protocol as Buffering)._takeBuffered?.()
      if (early !== undefined && early.length > 0) reader._receive(early)
      transport.resumeReading()
      return transport
    },
  })
  return secured(upgraded, handshake, options)
}

/** The transport when its handshake is over; one that nobody waits for any more is aborted. */
export async function secured(
  transport: TlsTransport,
  handshake: Future<void>,
  { signal }: Abortable,
): Promise<TlsTransport> {
  try {
    await abortable(handshake, signal)
    return transport
  } catch (error) {
    transport.abort()
    throw error
  }
}

export function settle(handshake: Future<void>, error: Error | null): void {
  if (handshake.done()) return
  if (error === null) handshake.setResult()
  else handshake.setException(error)
}
