import { getRunningLoop } from '@loop/core'
import { type ConnectOptions, loopOptions } from './connect_options.js'
import { LoopSocket } from './loop_socket.js'

/** Called once, when the connection is there or cannot be. */
export type Connected = (error: Error | null, socket?: LoopSocket) => void

/**
 * Connects, and gives the connection as a socket.
 * @throws what `loop.createConnection` throws
 */
export function connect(options: ConnectOptions): Promise<LoopSocket> {
  const socket = new LoopSocket(options)
  return begin(socket, options).then(() => socket)
}

/**
 * As `net.createConnection`: gives at once a socket that is about to be connected, and emits `'connect'` or `'error'`. What is
 * written before waits. For `http.Agent`, `undici`, `pg` and everybody else who wants to make connections in this way.
 * @param connected called as a connector of undici's is, or a listener for `'connect'`: then nobody need listen for `'error'`
 * @throws TypeError, RangeError for wrong options
 */
export function createConnection(options: ConnectOptions, connected?: Connected): LoopSocket {
  const socket = new LoopSocket(options)
  if (connected !== undefined) {
    const failed = (error: Error) => connected(error)
    socket.once('error', failed)
    socket.once('connect', () => {
      socket.off('error', failed)
      connected(null, socket)
    })
  }
  begin(socket, options).catch((error: Error) => socket.destroy(error))
  return socket
}

function begin(socket: LoopSocket, options: ConnectOptions): Promise<unknown> {
  const loop = options.loop ?? getRunningLoop()
  const asked = loopOptions(options)
  const ending = new AbortController()
  const abort = () => ending.abort(options.signal?.reason)
  if (options.signal?.aborted) abort()
  options.signal?.addEventListener('abort', abort, { once: true })
  socket._connectingBy(abort)
  if (options.noDelay !== undefined) socket.setNoDelay(options.noDelay)
  if (options.keepAlive) socket.setKeepAlive(true, options.keepAliveInitialDelay)
  if (options.timeout) socket.setTimeout(options.timeout)
  const protocol = () => socket._protocol
  const { signal } = ending
  const connecting =
    'unix' in asked
      ? loop.createUnixConnection(protocol, { ...asked.unix, signal })
      : loop.createConnection(protocol, { ...asked.tcp, signal })
  return connecting.finally(() => options.signal?.removeEventListener('abort', abort))
}
