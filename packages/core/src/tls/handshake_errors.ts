/** How a handshake can end other than by an error of OpenSSL. */
import { systemError } from '../errors/index.js'
import { constants } from '../sockets/constants.js'

export function handshakeTooSlow(milliseconds: number): Error {
  const message = `SSL handshake is taking longer than ${milliseconds / 1000} seconds: aborting the connection`
  return systemError(-constants['ECONNABORTED']!, 'connect', { message })
}

export function handshakeCutByPeer(): Error {
  return systemError(-constants['ECONNRESET']!, 'read', { message: 'the peer ended the SSL handshake' })
}

export function handshakeCutByUs(): Error {
  const message = 'the connection was closed during the SSL handshake'
  return systemError(-constants['ECONNABORTED']!, 'connect', { message })
}
