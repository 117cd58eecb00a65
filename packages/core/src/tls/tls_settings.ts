import { inspect } from 'node:util'
import type { TlsOption, TlsTimeouts } from '../loop/options.js'
import { createTlsContext, TlsContext } from './tls_context.js'

const defaultHandshakeTimeout = 60_000
const defaultShutdownTimeout = 30_000

/** How the connections of one call go over TLS; checked. Times in milliseconds. */
export interface TlsSettings {
  readonly context: TlsContext
  readonly serverSide: boolean
  /** Whose certificate a client expects; empty where nobody's in particular. */
  readonly serverHostname: string
  readonly handshakeTimeout: number
  readonly shutdownTimeout: number
}

interface Given extends TlsTimeouts {
  ssl?: TlsOption | undefined
}

/**
 * What a client was given, or null where it is to connect without TLS.
 * @param serverHostname what the certificate has to be for
 * @throws TypeError, RangeError; what `node:tls` throws for its options
 */
export function clientTls(given: Given, serverHostname: string | null | undefined): TlsSettings | null {
  if (!given.ssl) return null
  if (serverHostname != null && typeof serverHostname !== 'string') {
    throw new TypeError(`serverHostname must be a string, not ${inspect(serverHostname)}`)
  }
  const context = given.ssl === true ? createTlsContext() : contextOf(given.ssl)
  const name = serverHostname ?? ''
  const { rejectUnauthorized, checkServerIdentity } = context.options
  if (name === '' && rejectUnauthorized !== false && checkServerIdentity === undefined) {
    throw new RangeError(
      'serverHostname must be given to verify the certificate: or pass checkServerIdentity, or rejectUnauthorized: false',
    )
  }
  return { context, serverSide: false, serverHostname: name, ...timeouts(given) }
}

/** As `clientTls`, for the side that has a certificate, which cannot be guessed: `true` means nothing there. */
export function serverTls(given: Given): TlsSettings | null {
  if (!given.ssl) return null
  if (given.ssl === true) {
    throw new TypeError('The ssl option of a server must be a TlsContext or its options, not true')
  }
  return { context: contextOf(given.ssl), serverSide: true, serverHostname: '', ...timeouts(given) }
}

function contextOf(ssl: unknown): TlsContext {
  if (ssl instanceof TlsContext) return ssl
  if (typeof ssl === 'object' && ssl !== null) return createTlsContext(ssl)
  throw new TypeError(`ssl must be true, a TlsContext or its options, not ${inspect(ssl, { depth: 0 })}`)
}

function timeouts(given: Given): Pick<TlsSettings, 'handshakeTimeout' | 'shutdownTimeout'> {
  return {
    handshakeTimeout: checkedTimeout('sslHandshakeTimeout', given.sslHandshakeTimeout, defaultHandshakeTimeout),
    shutdownTimeout: checkedTimeout('sslShutdownTimeout', given.sslShutdownTimeout, defaultShutdownTimeout),
  }
}

function checkedTimeout(name: string, value: unknown, usual: number): number {
  if (value === undefined || value === null) return usual
  if (typeof value !== 'number') throw new TypeError(`${name} must be milliseconds, not ${inspect(value)}`)
  if (value > 0) return value
  throw new RangeError(`${name} should be a positive number of milliseconds, got ${value}`)
}
