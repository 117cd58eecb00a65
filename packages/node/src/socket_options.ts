/** Options of the socket under a transport; where it has no such socket, as a Unix socket has no Nagle, nothing happens. */
import { constants, isSystemError, type Transport, type TransportSocket } from '@loop/core'

/** As libuv has them: a probe each second, ten before the connection counts as lost. */
const probeInterval = 1
const probeCount = 10

/** TCP_NODELAY. */
export function setNoDelay(transport: Transport, on: boolean): void {
  const socket = tcpSocket(transport)
  if (socket !== null) set(socket, 'TCP_NODELAY', on ? 1 : 0)
}

/**
 * SO_KEEPALIVE.
 * @param delay milliseconds of silence before the first probe; less than a second leaves it as it was
 */
export function setKeepAlive(transport: Transport, on: boolean, delay: number): void {
  const socket = tcpSocket(transport)
  if (socket === null) return
  socket.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', on)
  const seconds = Math.floor(delay / 1000)
  if (!on || seconds <= 0) return
  // Its name on macOS, where TCP_KEEPIDLE does not exist.
  set(socket, 'TCP_KEEPIDLE' in constants ? 'TCP_KEEPIDLE' : 'TCP_KEEPALIVE', seconds)
  set(socket, 'TCP_KEEPINTVL', probeInterval)
  set(socket, 'TCP_KEEPCNT', probeCount)
}

/**
 * The end of the connection is to be a reset: SO_LINGER with a time of 0.
 * @returns whether it is a connection over TCP that can be reset
 */
export function resetOnClose(transport: Transport): boolean {
  const socket = tcpSocket(transport)
  if (socket === null) return false
  const words = process.platform === 'win32' ? Uint16Array.of(1, 0) : Int32Array.of(1, 0)
  socket.setsockopt('SOL_SOCKET', 'SO_LINGER', new Uint8Array(words.buffer))
  return true
}

function set(socket: TransportSocket, name: string, value: number): void {
  if (!(name in constants)) return
  try {
    socket.setsockopt('IPPROTO_TCP', name, value)
  } catch (error) {
    // A connection that the peer has reset meanwhile; reading tells of it.
    if (!isSystemError(error)) throw error
  }
}

function tcpSocket(transport: Transport): TransportSocket | null {
  const socket = transport.getExtraInfo('socket') as TransportSocket | undefined
  if (socket === undefined || socket.fileno() === -1) return null
  const { AF_INET, AF_INET6 } = constants
  return socket.family === AF_INET || socket.family === AF_INET6 ? socket : null
}
