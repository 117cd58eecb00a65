import { inspect } from 'node:util'
import { LoopError, SendfileNotAvailableError } from '../errors/index.js'
import type { FileLike } from '../loop/event_loop.js'
import type { SendfileOptions } from '../loop/options.js'
import type { SelectorEventLoop } from '../loop/selector_event_loop.js'
import { checkedRange, sendByReading, sockSendfile } from '../sockets/sock_sendfile.js'
import { abortable, abortError } from '../tasks/abortable.js'
import { TlsTransport } from '../tls/tls_transport.js'
import { connectionClosed, SelectorSocketTransport } from './selector_socket_transport.js'
import { BaseTransport } from './transport.js'

/**
 * Sends a file over a stream transport, after what was written before; meanwhile nobody else may write, and nothing is
 * read. By sendfile(2), or by reading and sending where that cannot serve. The file and its position stay the caller's.
 * @returns how many bytes were sent
 * @throws TypeError, RangeError, LoopError (a closing transport, one that cannot do it) at the call; later
 *   `SendfileNotAvailableError` where `fallback` is false, or the error that ended the connection
 *
 * asyncio: `sendfile`.
 */
export function sendfile(
  loop: SelectorEventLoop,
  transport: BaseTransport,
  file: FileLike,
  options: SendfileOptions = {},
): Promise<number> {
  loop._mustBeOpen()
  if (!(transport instanceof BaseTransport)) {
    throw new TypeError(`A transport is required, not ${inspect(transport, { depth: 0 })}`)
  }
  checkedRange(options)
  if (transport.isClosing()) throw new LoopError('Transport is closing', 'ERR_LOOP_STATE')
  if (transport instanceof TlsTransport && transport._loop === loop)
    return sendEncrypted(loop, transport, file, options)
  if (!(transport instanceof SelectorSocketTransport) || transport._loop !== loop) {
    throw new LoopError(`sendfile is not supported for transport ${inspect(transport, { depth: 0 })}`, 'ERR_LOOP_STATE')
  }
  return send(loop, transport, file, options)
}

/** The kernel does not encrypt: everything has to pass through this process. */
async function sendEncrypted(
  loop: SelectorEventLoop,
  transport: TlsTransport,
  file: FileLike,
  options: SendfileOptions,
): Promise<number> {
  if (options.fallback === false) throw new SendfileNotAvailableError('sendfile(2) cannot serve TLS connections')
  if (options.signal?.aborted) throw abortError(options.signal)
  transport._holdWriting()
  const wasReading = transport.isReading()
  transport.pauseReading()
  try {
    return await sendByReading(loop, file, options, (bytes) => abortable(transport._transmit(bytes), options.signal))
  } finally {
    transport._releaseWriting()
    if (wasReading) transport.resumeReading()
  }
}

async function send(
  loop: SelectorEventLoop,
  transport: SelectorSocketTransport,
  file: FileLike,
  options: SendfileOptions,
): Promise<number> {
  const ending = new AbortController()
  let lost = false
  const drained = transport._holdWriting(() => {
    lost = true
    ending.abort()
  })
  const abort = () => ending.abort(options.signal?.reason)
  if (options.signal?.aborted) abort()
  options.signal?.addEventListener('abort', abort, { once: true })
  const wasReading = transport.isReading()
  transport.pauseReading()
  try {
    await drained
    // For this time the descriptor is the operation's; loop.sock* refuse those of transports.
    loop._transports.delete(transport._fd)
    return await sockSendfile(loop, transport._sock, file, { ...options, signal: ending.signal })
  } catch (error) {
    throw lost && !options.signal?.aborted ? connectionClosed() : error
  } finally {
    options.signal?.removeEventListener('abort', abort)
    transport._releaseWriting()
    if (!lost) loop._transports.set(transport._fd, transport)
    if (wasReading) transport.resumeReading()
  }
}
