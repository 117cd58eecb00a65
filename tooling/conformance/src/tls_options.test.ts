// What the options of a TlsContext do, and callbacks of the user's that node:tls calls.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { createTlsContext } from '@loop/core'
import { addressOf, Recorder } from './recorder.js'
import { cert, clientContext, closeBoth, key, takeHandshakeReports, tlsPair, tlsServer } from './tls_pair.js'
import { withinLoop } from './within_loop.js'

const engine = (transport: { getExtraInfo(name: string): unknown }) => transport.getExtraInfo('sslObject') as TLSSocket

describe('options of TLS', () => {
  it('ALPN: the server chooses among what both speak', () =>
    withinLoop(async (ground) => {
      const server = { ssl: { cert, key, ALPNProtocols: ['h2', 'http/1.1'] } }
      const pair = await tlsPair(ground, server, { ssl: { ca: cert, ALPNProtocols: ['http/1.1', 'h2'] } })
      assert.deepEqual([engine(pair.near).alpnProtocol, engine(pair.far).alpnProtocol], ['h2', 'h2'])
      await closeBoth(pair)
    }))

  it('ALPN: nothing in common fails the handshake', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [server] = await tlsServer(ground, { ssl: { cert, key, ALPNProtocols: ['h2'] } })
      const options = { ...addressOf(server), ssl: { ca: cert, ALPNProtocols: ['smtp'] } }
      await assert.rejects(
        loop.createConnection(() => new Recorder(loop), options),
        { code: 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL' },
      )
      server.close()
      await server.waitClosed()
      takeHandshakeReports(ground)
    }))

  it('SNICallback chooses the context by the name that the client asked for, also later', () =>
    withinLoop(async (ground) => {
      const asked: string[] = []
      const chosen = createTlsContext({ cert, key }).secureContext
      const ssl = {
        SNICallback: (name: string, answer: (error: Error | null, context?: typeof chosen) => void) => {
          asked.push(name)
          setImmediate(answer, null, chosen)
        },
      }
      const pair = await tlsPair(ground, { ssl }, { serverHostname: 'example.test' })
      assert.deepEqual(asked, ['example.test'])
      await closeBoth(pair)
    }))

  it('an error in SNICallback fails the handshake of that connection alone', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const broken = new Error('broken')
      const answers = [
        () => {
          throw broken
        },
        (_: string, answer: (error: Error) => void) => answer(broken),
      ]
      const ssl = { cert, key, SNICallback: ((name: string, answer: never) => answers.shift()!(name, answer)) as never }
      const [server, accepted] = await tlsServer(ground, { ssl })
      for (let i = 0; i < 2; i++) {
        const options = { ...addressOf(server), ssl: clientContext, serverHostname: 'localhost' }
        await assert.rejects(
          loop.createConnection(() => new Recorder(loop), options),
          { code: 'ECONNRESET' },
        )
      }
      server.close()
      await server.waitClosed()
      assert.deepEqual(
        accepted.map(({ events }) => events),
        [[], []],
      )
      if (loop.getDebug()) assert.ok(ground.reports.some(({ exception }) => exception === broken))
      ground.reports.splice(0)
    }))

  it('checkServerIdentity decides in the place of the usual check; what it throws fails the connection', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const pair = await tlsPair(
        ground,
        {},
        { ssl: { ca: cert, checkServerIdentity: () => undefined }, serverHostname: 'other.test' },
      )
      await closeBoth(pair)
      const refused = new Error('refused')
      for (const checkServerIdentity of [
        () => refused,
        () => {
          throw refused
        },
      ]) {
        const [server] = await tlsServer(ground)
        await assert.rejects(
          loop.createConnection(() => new Recorder(loop), {
            ...addressOf(server),
            ssl: { ca: cert, checkServerIdentity },
          }),
          refused,
        )
        server.close()
        await server.waitClosed()
      }
      ground.reports.splice(0)
    }))

  it('a session is resumed, also by a server that asks for certificates', () =>
    withinLoop(async (ground) => {
      for (const requestCert of [false, true]) {
        const strict = { ssl: createTlsContext({ cert, key, ca: cert, requestCert }) }
        const options = { ca: cert, cert, key }
        const [server, accepted] = await tlsServer(ground, strict)
        const sessions: Buffer[] = []
        for (let i = 0; i < 2; i++) {
          const ssl = { ...options, ...(i > 0 && { session: sessions[0]! }) }
          const client = new Recorder(ground.loop)
          const [near] = await ground.loop.createConnection(() => client, { ...addressOf(server), ssl })
          engine(near).once('session', (session: Buffer) => sessions.push(session))
          await accepted[i]!.until(() => accepted[i]!.events.includes('made'))
          accepted[i]!.transport.write('hello')
          await client.until(() => client.text === 'hello')
          assert.equal(engine(near).isSessionReused(), i > 0)
          near.close()
          assert.equal(await client.ended(), null)
          await accepted[i]!.ended()
        }
        server.close()
        await server.waitClosed()
      }
    }))

  it('minVersion and maxVersion hold', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const pair = await tlsPair(ground, {}, { ssl: { ca: cert, maxVersion: 'TLSv1.2' } })
      assert.equal(engine(pair.near).getProtocol(), 'TLSv1.2')
      assert.equal((pair.near.getExtraInfo('cipher') as { version: string }).version, 'TLSv1.2')
      pair.far.write('hello')
      await pair.client.until(() => pair.client.text === 'hello')
      await closeBoth(pair)
      const [server] = await tlsServer(ground, { ssl: { cert, key, minVersion: 'TLSv1.3' } })
      await assert.rejects(
        loop.createConnection(() => new Recorder(loop), {
          ...addressOf(server),
          ssl: { ca: cert, maxVersion: 'TLSv1.2' },
        }),
        { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' },
      )
      server.close()
      await server.waitClosed()
      takeHandshakeReports(ground)
    }))

  it('a client certificate is in the peercert of the server, and its absence is no error where it need not be', () =>
    withinLoop(async (ground) => {
      const lax = { ssl: { cert, key, ca: cert, requestCert: true, rejectUnauthorized: false } }
      const without = await tlsPair(ground, lax)
      assert.equal(engine(without.far).authorized, false)
      await closeBoth(without)
      const withOne = await tlsPair(ground, lax, { ssl: { ca: cert, cert, key } })
      assert.equal(engine(withOne.far).authorized, true)
      assert.equal((withOne.far.getExtraInfo('peercert') as { subject: { CN: string } }).subject.CN, 'localhost')
      await closeBoth(withOne)
    }))

  it('wrong options throw at the call', () =>
    withinLoop(async ({ loop }) => {
      const there = { host: '127.0.0.1', port: 1 }
      assert.throws(() => createTlsContext({ cert: 'no pem' }), { code: /^ERR_/ })
      assert.throws(() => createTlsContext('pem' as never), TypeError)
      assert.throws(() => loop.createConnection(() => new Recorder(loop), { ...there, ssl: { cert: 'no pem' } }), {
        code: /^ERR_/,
      })
    }))
})
