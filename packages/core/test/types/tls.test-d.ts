import type { SecureContext } from 'node:tls'
import { expectTypeOf, test } from 'vitest'
import { createTlsContext, TlsContext, type TlsContextOptions } from '../../src/index.js'

test('createTlsContext', () => {
  expectTypeOf(createTlsContext).toEqualTypeOf<(options?: TlsContextOptions) => TlsContext>()
  expectTypeOf<TlsContext['secureContext']>().toEqualTypeOf<SecureContext>()
  expectTypeOf<keyof TlsContextOptions>().toExtend<string>()
  createTlsContext({ cert: 'pem', key: 'pem', ALPNProtocols: ['h2'], rejectUnauthorized: false, requestCert: true })
  // @ts-expect-error no option of node:tls
  createTlsContext({ certificate: 'pem' })
  expectTypeOf(new TlsContext({})).toExtend<{ options: Readonly<TlsContextOptions> }>()
})
