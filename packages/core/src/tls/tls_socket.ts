/** The TLS engine of `node:tls`, over a stream, for both roles. */
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionOptions, TLSSocket, TLSSocketOptions } from 'node:tls'
import { nodeTls } from './node_tls.js'
import type { TlsSettings } from './tls_settings.js'

/** How the engine's handshake ended. */
export interface HandshakeEvents {
  secured(): void
  failed(error: Error): void
}

/** Begins the handshake on `wire`. */
export function tlsSocket(wire: Duplex, settings: TlsSettings, events: HandshakeEvents): TLSSocket {
  const socket = settings.serverSide ? serverSocket(wire, settings, events) : clientSocket(wire, settings, events)
  // A server's errors before the end of the handshake come by this name only: node:tls hands them to its own Server.
  socket.on('_tlsError' as 'error', events.failed)
  socket.on('error', events.failed)
  return socket
}

function clientSocket(wire: Duplex, { context, serverHostname }: TlsSettings, events: HandshakeEvents): TLSSocket {
  const options: ConnectionOptions = { ...context.options, secureContext: context.secureContext, socket: wire }
  // An address is no server name (RFC 6066), and is what the certificate has to be for nevertheless.
  if (isIP(serverHostname) !== 0) options.host = serverHostname
  else if (serverHostname !== '') options.servername = serverHostname
  const check = context.options.checkServerIdentity
  // Called from inside the engine, where an exception is nobody's and ends the process.
  if (check !== undefined) {
    options.checkServerIdentity = (name, certificate) => {
      try {
        return check(name, certificate)
      } catch (error) {
        return error as Error
      }
    }
  }
  return nodeTls().connect(options, events.secured)
}

/** Not a `tls.Server`: what it accepts cannot be told apart by the connection it came from. */
function serverSocket(wire: Duplex, { context }: TlsSettings, events: HandshakeEvents): TLSSocket {
  const { secureContext } = context
  const requestCert = context.options.requestCert === true
  const rejectUnauthorized = context.options.rejectUnauthorized !== false
  const options: TLSSocketOptions = {
    ...context.options,
    secureContext,
    requestCert,
    rejectUnauthorized,
    isServer: true,
  }
  const socket = new (nodeTls().TLSSocket)(wire, options)
  socket.once('secure', () => {
    const error = requestCert ? (socket as Verified).ssl.verifyError() : null
    if (error == null) socket.authorized = requestCert
    else {
      socket.authorizationError = error
      if (rejectUnauthorized) return events.failed(error)
    }
    events.secured()
  })
  return socket
}

/** OpenSSL goes on after a bad certificate; who asked for one has to look, as `tls.Server` does for its own sockets. */
type Verified = TLSSocket & { ssl: { verifyError(): Error | null | undefined } }
