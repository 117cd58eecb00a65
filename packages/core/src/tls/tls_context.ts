import type { CommonConnectionOptions, ConnectionOptions, SecureContext, SecureContextOptions } from 'node:tls'
import { inspect } from 'node:util'
import { nodeTls } from './node_tls.js'

/** Options of `node:tls`: those of a secure context, and what belongs to each connection that is made with it. */
export interface TlsContextOptions
  extends SecureContextOptions,
    Pick<
      CommonConnectionOptions,
      'ALPNProtocols' | 'SNICallback' | 'rejectUnauthorized' | 'requestCert' | 'enableTrace'
    >,
    Pick<ConnectionOptions, 'checkServerIdentity' | 'minDHSize' | 'session' | 'pskCallback'> {}

/** Certificates, keys and rules for any number of TLS connections. asyncio: `ssl.SSLContext`. */
export class TlsContext {
  /** What it was made of. */
  readonly options: Readonly<TlsContextOptions>
  /** The context of `node:tls`. */
  readonly secureContext: SecureContext

  /** @internal use `createTlsContext` */
  constructor(options: TlsContextOptions) {
    this.options = { ...options }
    // Without one, a server that asks for certificates refuses every client that resumes a session (OpenSSL's rule).
    this.secureContext = nodeTls().createSecureContext({ sessionIdContext: '@loop/core', ...options })
  }

  [inspect.custom](): string {
    return '<TlsContext>'
  }
}

/**
 * A context to give as `ssl` to several connections or servers: certificates and keys are read once.
 * @param options those of `tls.createSecureContext`, with `rejectUnauthorized`, `requestCert`, `ALPNProtocols`,
 *   `SNICallback`, `checkServerIdentity`, ...
 * @throws TypeError; what `node:tls` throws for a certificate or key that it cannot read
 *
 * asyncio: `ssl.create_default_context`.
 */
export function createTlsContext(options: TlsContextOptions = {}): TlsContext {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`The options of a TlsContext must be an object, not ${inspect(options, { depth: 0 })}`)
  }
  return new TlsContext(options)
}
