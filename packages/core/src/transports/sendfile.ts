import { inspect } from 'node:util'
import { LoopError, SendfileNotAvailableError } from '../errors/index.js'
import type { FileLike } from '../loop/event_loop.js'
import type { SendfileOptions } from '../loop/options.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { checkFile, type Stretch, withFile } from '../sockets/sent_file.js'
import { checkedStretch, sendByReading, sendFile } from '../sockets/sock_sendfile.js'
import { abortable, abortError } from '../tasks/abortable.js'
import { TlsTransport } from '../tls/tls_transport.js'
import { SeqpacketTransport } from './seqpacket_transport.js'
import { connectionClosed, StreamSocketTransport } from './stream_socket_transport.js'
import { BaseTransport } from './transport.js'

/**
 * Sends a file over a stream transport, after what was written before; meanwhile nobody else may write, and nothing is
 * read. By sendfile(2), splice(2) for a pipe, or by reading and sending where those cannot serve. A descriptor stays the
 * caller's, positioned behind what was sent; a path is opened and closed.
 * @returns how many bytes were sent: fewer than `count` where the file ended before
 * @throws TypeError, RangeError, LoopError (a closing transport, one that cannot do it) at the call; later
 *   `SendfileNotAvailableError` where `fallback` is false, or the error that ended the connection
 *
 * asyncio: `sendfile`.
 */
export function sendfile(
  loop: SocketEventLoop,
  transport: BaseTransport,
  file: FileLike,
  options: SendfileOptions = {},
): Promise<number> {
  loop._mustBeOpen()
  if (!(transport instanceof BaseTransport)) {
    throw new TypeError(`A transport is required, not ${inspect(transport, { depth: 0 })}`)
  }
  checkFile(file)
  const stretch = checkedStretch(options)
  if (transport.isClosing()) throw new LoopError('Transport is closing', 'ERR_LOOP_STATE')
  if (transport instanceof TlsTransport && transport._loop === loop)
    return sendEncrypted(loop, transport, file, stretch, options)
  if (
    !(transport instanceof StreamSocketTransport) ||
    transport instanceof SeqpacketTransport ||
    transport._loop !== loop
  ) {
    throw new LoopError(`sendfile is not supported for transport ${inspect(transport, { depth: 0 })}`, 'ERR_LOOP_STATE')
  }
  return send(loop, transport, file, stretch, options)
}

/** The kernel does not encrypt: everything has to pass through this process. */
async function sendEncrypted(
  loop: SocketEventLoop,
  transport: TlsTransport,
  file: FileLike,
  stretch: Stretch,
  options: SendfileOptions,
): Promise<number> {
  if (options.fallback === false) throw new SendfileNotAvailableError('sendfile(2) cannot serve TLS connections')
  if (options.signal?.aborted) throw abortError(options.signal)
  const transmission = transport._holdWriting()
  const wasReading = transport.isReading()
  transport.pauseReading()
  try {
    return await withFile(loop, file, stretch, (opened) =>
      sendByReading(loop, opened, stretch, options, (bytes) => abortable(transmission.send(bytes), options.signal)),
    )
  } finally {
    transport._releaseWriting()
    if (wasReading) transport.resumeReading()
  }
}

async function send(
  loop: SocketEventLoop,
  transport: StreamSocketTransport,
  file: FileLike,
  stretch: Stretch,
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
    await abortable(drained, options.signal)
    return await withFile(loop, file, stretch, async (opened) => {
      // It may have ended while the file was being opened.
      if (ending.signal.aborted) throw abortError(ending.signal)
      return sendFile(loop, transport._sock, opened, stretch, { ...options, signal: ending.signal })
    })
  } catch (error) {
    throw lost && !options.signal?.aborted ? connectionClosed() : error
  } finally {
    options.signal?.removeEventListener('abort', abort)
    transport._releaseWriting()
    if (wasReading) transport.resumeReading()
  }
}
