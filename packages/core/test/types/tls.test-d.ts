import type { SecureContext } from 'node:tls'
import { expectTypeOf, test } from 'vitest'
import {
  createTlsContext,
  TlsContext,
  type TlsContextOptions,
  TlsTransport,
  type Transport,
  type WriteBufferLimits,
} from '../../src/index.js'

test('createTlsContext', () => {
  expectTypeOf(createTlsContext).toEqualTypeOf<(options?: TlsContextOptions) => TlsContext>()
  expectTypeOf<TlsContext['secureContext']>().toEqualTypeOf<SecureContext>()
  expectTypeOf<keyof TlsContextOptions>().toExtend<string>()
  createTlsContext({ cert: 'pem', key: 'pem', ALPNProtocols: ['h2'], rejectUnauthorized: false, requestCert: true })
  // @ts-expect-error no option of node:tls
  createTlsContext({ certificate: 'pem' })
  expectTypeOf(new TlsContext({})).toExtend<{ options: Readonly<TlsContextOptions> }>()
})

test('TlsTransport', () => {
  expectTypeOf<TlsTransport>().toExtend<Transport>()
  expectTypeOf<TlsTransport['getReadBufferLimits']>().returns.toEqualTypeOf<WriteBufferLimits>()
  expectTypeOf<TlsTransport['getReadBufferSize']>().returns.toEqualTypeOf<number>()
  const limit = (transport: Transport) => {
    if (transport instanceof TlsTransport) transport.setReadBufferLimits({ high: 0 })
    // @ts-expect-error only what TLS decrypts is buffered for a reader that pauses
    transport.setReadBufferLimits({ high: 0 })
  }
  expectTypeOf(limit).parameters.toEqualTypeOf<[Transport]>()
})
