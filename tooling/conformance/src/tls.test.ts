// TLS over the loop's transports, with both ends on the loop or one of them a plain socket that misbehaves.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { inspect } from 'node:util'
import {
  type BufferedProtocol,
  createTask,
  createTlsContext,
  openConnection,
  type Server,
  type Socket,
  type StreamReader,
  type StreamWriter,
  sleep,
  socketpair,
  startServer,
  type Transport,
  wrapFuture,
} from '@loop/core'
import { addressOf, Recorder, readExactly } from './recorder.js'
import { type Ground, withinLoop } from './within_loop.js'

const file = (name: string) => readFileSync(new URL(`../certificates/${name}`, import.meta.url))
const cert = file('localhost.crt')
const key = file('localhost.key')
const serverContext = createTlsContext({ cert, key })
const clientContext = createTlsContext({ ca: cert })
const local = { host: '127.0.0.1', port: 0 }

type Pair = { client: Recorder; server: Recorder; near: Transport; far: Transport; listening: Server }

/** A server over TLS; its protocols in the order of their connections. */
async function tlsServer({ loop, own }: Ground, options: object = {}): Promise<[Server, Recorder[]]> {
  const accepted: Recorder[] = []
  const factory = () => {
    const protocol = new Recorder(loop)
    accepted.push(protocol)
    return protocol
  }
  const server = (await loop.createServer(factory, { ...local, ssl: serverContext, ...options })) as Server
  own(server)
  return [server, accepted]
}

/** Two protocols with TLS between them, after both handshakes. */
async function tlsPair(ground: Ground, serverOptions: object = {}, clientOptions: object = {}): Promise<Pair> {
  const { loop } = ground
  const [listening, accepted] = await tlsServer(ground, serverOptions)
  const [near, client] = await loop.createConnection(() => new Recorder(loop), {
    ...addressOf(listening),
    ssl: clientContext,
    ...clientOptions,
  })
  const server = accepted[0]!
  await server.until(() => server.events.includes('made'))
  return { client, server, near, far: server.transport, listening }
}

async function closeBoth({ client, server, near }: Pair): Promise<void> {
  near.close()
  assert.equal(await client.ended(), null)
  assert.equal(await server.ended(), null)
}

/** A server's failed handshakes are reported in debug mode, and only there. */
function takeHandshakeReports({ loop, reports }: Ground): void {
  const failed = reports.splice(0).map(({ message }) => message)
  assert.deepEqual(new Set(failed), new Set(loop.getDebug() ? ['SSL handshake failed on an incoming connection'] : []))
}

const megabytes = Buffer.alloc(4 * 1024 * 1024, 'The quick brown fox jumps over the lazy dog. ')

describe('TLS connections', () => {
  it('[TLS-01] handshake, then megabytes both ways', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      const { client, server, near, far } = pair
      near.write(megabytes)
      far.writelines([megabytes.subarray(0, 1000), megabytes.subarray(1000)])
      await server.until(() => server.received === megabytes.length)
      await client.until(() => client.received === megabytes.length)
      assert.ok(Buffer.concat(server.chunks).equals(megabytes))
      assert.ok(Buffer.concat(client.chunks).equals(megabytes))
      await closeBoth(pair)
    }))

  it('[TLS-02] extra info: context, TLS socket, certificate, cipher, and what the plain transport tells', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      const { near, far, listening } = pair
      assert.equal(near.getExtraInfo('sslcontext'), clientContext)
      assert.equal(far.getExtraInfo('sslcontext'), serverContext)
      assert.equal((near.getExtraInfo('sslObject') as TLSSocket).encrypted, true)
      assert.equal((near.getExtraInfo('peercert') as { subject: { CN: string } }).subject.CN, 'localhost')
      assert.equal(typeof (near.getExtraInfo('cipher') as { name: string }).name, 'string')
      assert.equal(near.getExtraInfo('compression', 'x'), null)
      assert.equal((near.getExtraInfo('peername') as { port: number }).port, addressOf(listening).port)
      assert.ok(near.getExtraInfo('socket'))
      await closeBoth(pair)
    }))

  it('[TSS-34] after the loss of a TLS connection the socket-level extra info is the default', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      await closeBoth(pair)
      assert.equal(pair.near.getExtraInfo('peername', 'none'), 'none')
      assert.equal(pair.near.getExtraInfo('sslcontext'), clientContext)
    }))

  it('[TLS-03] a certificate of an unknown authority rejects the connection', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [server, accepted] = await tlsServer(ground)
      const client = new Recorder(loop)
      await assert.rejects(
        loop.createConnection(() => client, { ...addressOf(server), ssl: true }),
        {
          code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
        },
      )
      assert.deepEqual(client.events, [])
      server.close()
      await server.waitClosed()
      for (const { events } of accepted) assert.ok(events.length === 0 || events.at(-1) === 'lost')
      if (ground.reports.length > 0) takeHandshakeReports(ground)
    }))

  it('[TLS-03] a server that asks for certificates refuses a client without one, and takes one that has it', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const strict = { ssl: { cert, key, ca: cert, requestCert: true } }
      const [server, accepted] = await tlsServer(ground, strict)
      const client = new Recorder(loop)
      // A client of TLS 1.3 has finished its handshake before it can be refused.
      await loop.createConnection(() => client, { ...addressOf(server), ssl: clientContext }).catch(() => {})
      if (client.events.length > 0) await client.ended()
      assert.equal(accepted.length, 1)
      assert.deepEqual(accepted[0]!.events, [])
      const ssl = { ca: cert, cert, key }
      const [transport, known] = await loop.createConnection(() => new Recorder(loop), { ...addressOf(server), ssl })
      await accepted[1]!.until(() => accepted[1]!.events.includes('made'))
      transport.close()
      await known.ended()
      await accepted[1]!.ended()
      takeHandshakeReports(ground)
    }))

  it('[TLS-04] a certificate for another name fails', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [server, accepted] = await tlsServer(ground)
      const there = { ...addressOf(server), ssl: clientContext }
      await assert.rejects(
        loop.createConnection(() => new Recorder(loop), { ...there, serverHostname: 'other.test' }),
        { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      )
      server.close()
      await server.waitClosed()
      assert.ok(accepted[0]!.events.length === 0 || accepted[0]!.events.at(-1) === 'lost')
      if (ground.reports.length > 0) takeHandshakeReports(ground)
    }))

  it('[CREA-12] the host is the default of serverHostname, which names the server in the handshake', () =>
    withinLoop(async (ground) => {
      const byAddress = await tlsPair(ground)
      await closeBoth(byAddress)
      const byName = await tlsPair(ground, {}, { serverHostname: 'example.test' })
      assert.equal(
        (byName.far.getExtraInfo('sslObject') as TLSSocket & { servername: string }).servername,
        'example.test',
      )
      await closeBoth(byName)
    }))

  it('[CREA-11] ssl without any host name, except where it need not be verified', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = socketpair()
      own(mine)
      own(peer)
      const factory = () => new Recorder(loop)
      assert.throws(() => loop.createConnection(factory, { sock: mine, ssl: clientContext }), RangeError)
      assert.throws(
        () => loop.createConnection(factory, { sock: mine, ssl: 'yes' as never, serverHostname: 'x' }),
        TypeError,
      )
    }))

  it('[TLS-07] timeouts of 0 and less are RangeErrors', () =>
    withinLoop(async ({ loop }) => {
      const factory = () => new Recorder(loop)
      for (const wrong of [0, -1, Number.NaN]) {
        for (const name of ['sslHandshakeTimeout', 'sslShutdownTimeout']) {
          const there = { ...local, port: 1, [name]: wrong }
          assert.throws(() => loop.createConnection(factory, { ...there, ssl: true }), RangeError)
          assert.throws(() => loop.createServer(factory, { ...there, ssl: serverContext }), RangeError)
        }
      }
    }))

  it('[TLS-08] connectionMade comes after the handshake, on both ends', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const [mine, peer] = socketpair()
      own(peer)
      const client = new Recorder(loop)
      const connecting = loop.createConnection(() => client, {
        sock: mine,
        ssl: clientContext,
        serverHostname: 'localhost',
      })
      const hello = await loop.sockRecv(peer, 5)
      assert.equal(hello[0], 22, 'a handshake record')
      assert.deepEqual(client.events, [])
      peer.close()
      await assert.rejects(connecting, { code: 'ECONNRESET' })
      assert.deepEqual(client.events, [])
    }))

  it('a protocol of buffers is filled in as many pieces as it takes', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const pair = await tlsPair(ground)
      const received: Buffer[] = []
      const small = Buffer.alloc(7)
      let total = 0
      const all = loop.createFuture<void>()
      const protocol: BufferedProtocol = {
        getBuffer: () => small,
        bufferUpdated: (count) => {
          received.push(Buffer.from(small.subarray(0, count)))
          total += count
          if (total === 5000 && !all.done()) all.setResult()
        },
      }
      pair.near.setProtocol(protocol)
      pair.far.write(megabytes.subarray(0, 5000))
      await all
      assert.ok(Buffer.concat(received).equals(megabytes.subarray(0, 5000)))
      pair.near.setProtocol(pair.client)
      await closeBoth(pair)
    }))

  it('an error of dataReceived is reported and ends the connection', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      const broken = new Error('broken')
      pair.client.dataReceived = () => {
        throw broken
      }
      pair.far.write('x')
      assert.equal(await pair.client.ended(), broken)
      await pair.server.ended()
      assert.equal(ground.reports.splice(0).length, 1)
    }))

  it(
    'over Unix sockets, with a name for the certificate',
    { skip: process.platform === 'win32' && 'no Unix sockets' },
    () =>
      withinLoop(async (ground) => {
        const { loop, own } = ground
        const [mine, peer] = socketpair()
        const server = new Recorder(loop)
        const accepting = loop.connectAcceptedSocket(() => server, peer, { ssl: serverContext })
        const [near, client] = await loop.createUnixConnection(() => new Recorder(loop), {
          sock: mine,
          ssl: clientContext,
          serverHostname: 'localhost',
        })
        own(near)
        await accepting
        near.write('hello')
        await server.until(() => server.text === 'hello')
        near.close()
        await client.ended()
        await server.ended()
      }),
  )
})

describe('handshakes that fail', () => {
  /** A client on a pair of sockets whose other end says what the test wants. */
  function connecting({ loop, own }: Ground, options: object = {}): [Promise<[Transport, Recorder]>, Recorder, Socket] {
    const [mine, peer] = socketpair()
    own(peer)
    const client = new Recorder(loop)
    const ssl = { ssl: clientContext, serverHostname: 'localhost' }
    return [loop.createConnection(() => client, { sock: mine, ...ssl, ...options }), client, peer]
  }

  it('[TLS-05] a handshake that takes too long is aborted', () =>
    withinLoop(async (ground) => {
      const [waiting, client] = connecting(ground, { sslHandshakeTimeout: 20 })
      await assert.rejects(waiting, (error: NodeJS.ErrnoException) => {
        assert.equal(error.code, 'ECONNABORTED')
        assert.match(error.message, /SSL handshake is taking longer than 0\.02 seconds: aborting the connection/)
        return true
      })
      assert.deepEqual(client.events, [])
    }))

  it('[TLS-05] a server does so too', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const [mine, peer] = socketpair()
      own(peer)
      const options = { ssl: serverContext, sslHandshakeTimeout: 20 }
      await assert.rejects(
        loop.connectAcceptedSocket(() => new Recorder(loop), mine, options),
        { code: 'ECONNABORTED' },
      )
      assert.equal((await loop.sockRecv(peer, 1)).length, 0)
    }))

  it('[TLS-06] [TLS-09] a peer that closes during the handshake is ECONNRESET; the protocol hears nothing', () =>
    withinLoop(async (ground) => {
      const [waiting, client, peer] = connecting(ground)
      peer.close()
      await assert.rejects(waiting, { code: 'ECONNRESET' })
      const [mine, other] = socketpair()
      other.close()
      const server = new Recorder(ground.loop)
      const accepting = ground.loop.connectAcceptedSocket(() => server, mine, { ssl: serverContext })
      await assert.rejects(accepting, { code: 'ECONNRESET' })
      assert.deepEqual([client.events, server.events], [[], []])
    }))

  it('[TLS-10] closing the server during the handshake aborts it', () =>
    withinLoop(async (ground) => {
      const [server, accepted] = await tlsServer(ground)
      const [reader, writer] = await openConnection(addressOf(server))
      writer.write('\x16\x03\x01')
      while (accepted.length === 0) await sleep(1)
      server.closeClients()
      server.close()
      await server.waitClosed()
      await reader.read().catch(() => {})
      writer.close()
      await writer.waitClosed().catch(() => {})
      takeHandshakeReports(ground)
      assert.deepEqual(accepted[0]!.events, [])
    }))

  it('a peer that speaks no TLS fails both roles with the error of OpenSSL', () =>
    withinLoop(async (ground) => {
      const [waiting, , peer] = connecting(ground)
      await ground.loop.sockSendall(peer, 'HTTP/1.1 400 Bad Request\r\n\r\n')
      await assert.rejects(waiting, (error: NodeJS.ErrnoException) => /^ERR_SSL_/.test(error.code ?? ''))
      const [mine, other] = socketpair()
      ground.own(other)
      const accepting = ground.loop.connectAcceptedSocket(() => new Recorder(ground.loop), mine, { ssl: serverContext })
      await ground.loop.sockSendall(other, 'GET / HTTP/1.1\r\n\r\n')
      await assert.rejects(accepting, (error: NodeJS.ErrnoException) => /^ERR_SSL_/.test(error.code ?? ''))
    }))

  it('a cancelled connection closes its socket', () =>
    withinLoop(async (ground) => {
      const ending = new AbortController()
      const [waiting, client, peer] = connecting(ground, { signal: ending.signal })
      await ground.loop.sockRecv(peer, 5)
      ending.abort()
      await assert.rejects(waiting, { name: 'CancelledError' })
      while ((await ground.loop.sockRecv(peer, 65536)).length > 0);
      assert.deepEqual(client.events, [])
    }))
})

describe('the end of TLS connections', () => {
  it('[TLS-17] close sends what was written first', () =>
    withinLoop(async (ground) => {
      const { client, server, near } = await tlsPair(ground)
      near.write(megabytes)
      near.close()
      await server.ended()
      assert.equal(server.received, megabytes.length)
      assert.deepEqual(
        server.events.filter((event) => event !== 'data'),
        ['made', 'eof', 'lost'],
      )
      assert.equal(await client.ended(), null)
      assert.equal(client.events.filter((event) => event === 'lost').length, 1)
    }))

  it('[TLS-18] what came before the peer ended is delivered, then its end, also after a pause', () =>
    withinLoop(async (ground) => {
      const { client, server, near, far } = await tlsPair(ground)
      near.pauseReading()
      assert.equal(near.isReading(), false)
      far.write(megabytes)
      far.close()
      far.write('too late')
      assert.equal(client.received, 0)
      near.resumeReading()
      assert.equal(await client.ended(), null)
      assert.equal(client.received, megabytes.length)
      assert.deepEqual(
        client.events.filter((event) => event !== 'data'),
        ['made', 'eof', 'lost'],
      )
      assert.equal(await server.ended(), null)
    }))

  it('[TLS-19] a peer that does not answer the shutdown is cut off', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [server, accepted] = await tlsServer(ground, { sslShutdownTimeout: 20 })
      // A client that has stopped reading sees no close_notify.
      const peer = connectTls({ ...addressOf(server), ca: cert, allowHalfOpen: true } as object)
      await wrapFuture(once(peer, 'secureConnect'))
      await accepted[0]!.until(() => accepted[0]!.events.includes('made'))
      peer.pause()
      accepted[0]!.transport.close()
      const lost = await accepted[0]!.ended()
      assert.equal(lost?.name, 'TimeoutError')
      peer.on('error', () => {})
      const gone = once(peer, 'close')
      peer.destroy()
      await wrapFuture(gone)
      assert.equal(loop.isRunning(), true)
    }))

  it('[TLS-20] no timer is left when the handshake and the shutdown are done', () =>
    withinLoop(async (ground) => {
      const began = performance.now()
      const pair = await tlsPair(ground, { sslHandshakeTimeout: 200, sslShutdownTimeout: 200 })
      await new Promise<void>((done) => ground.loop.callLater(300, done))
      assert.deepEqual([pair.client.events, pair.server.events], [['made'], ['made']])
      await closeBoth(pair)
      assert.ok(performance.now() - began >= 300)
    }))

  it('[TLS-21] writes after close are dropped, with one warning after five', () =>
    withinLoop(async (ground) => {
      const { near, client, server } = await tlsPair(ground)
      const warnings: Error[] = []
      const onWarning = (warning: Error) => void warnings.push(warning)
      process.on('warning', onWarning)
      near.close()
      for (let i = 0; i < 10; i++) near.write('dropped')
      await client.ended()
      await server.ended()
      process.off('warning', onWarning)
      assert.equal(server.received, 0)
      assert.deepEqual(
        warnings.map(({ name }) => name),
        ['LostConnectionWarning'],
      )
    }))

  it('[TLS-22] a writer is told to stop while nobody reads, and to go on afterwards', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      const { client, server, near, far } = pair
      far.pauseReading()
      let written = 0
      while (!client.events.includes('pause')) {
        near.write(megabytes)
        written += megabytes.length
      }
      assert.ok(near.getWriteBufferSize() > near.getWriteBufferLimits().high)
      assert.equal(server.received, 0)
      far.resumeReading()
      await server.until(() => server.received === written)
      await client.until(() => client.events.includes('resume'))
      await closeBoth(pair)
    }))

  it('[TLS-23] there is no half to end', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      assert.equal(pair.near.canWriteEof(), false)
      assert.throws(() => pair.near.writeEof(), { name: 'NotImplementedError' })
      await closeBoth(pair)
    }))

  it('[TLS-25] a paused connection still completes its shutdown', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      pair.near.pauseReading()
      pair.far.write(megabytes)
      await closeBoth(pair)
    }))

  it('abort ends both sides at once', () =>
    withinLoop(async (ground) => {
      const { client, server, near } = await tlsPair(ground)
      near.abort()
      assert.equal(await client.ended(), null)
      await server.ended()
      assert.equal(client.events.at(-1), 'lost')
    }))
})

describe('startTls', () => {
  it('[TLS-11] [TLS-12] both roles in the middle of a stream; the protocols stay', () =>
    withinLoop(async ({ loop }) => {
      const [mine, peer] = socketpair()
      const [plain, client] = await loop.createConnection(() => new Recorder(loop), { sock: mine })
      const [far, server] = await loop.connectAcceptedSocket(() => new Recorder(loop), peer)
      plain.write('STARTTLS\n')
      await server.until(() => server.text === 'STARTTLS\n')
      const accepting = loop.startTls(far, server, serverContext, { serverSide: true })
      const near = await loop.startTls(plain, client, clientContext, { serverHostname: 'localhost' })
      const secure = await accepting
      assert.notEqual(near, plain)
      assert.equal(near.getProtocol(), client)
      near.write('secret')
      await server.until(() => server.text === 'STARTTLS\nsecret')
      secure.write('answer')
      await client.until(() => client.text === 'answer')
      near.close()
      assert.equal(await client.ended(), null)
      assert.equal(await server.ended(), null)
      assert.deepEqual(client.events, ['made', 'data', 'lost'])
      assert.deepEqual(server.events, ['made', 'data', 'data', 'eof', 'lost'])
    }))

  it('[TLS-13] a wrong transport or context is a TypeError', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = socketpair()
      own(peer)
      const [plain, client] = await loop.createConnection(() => new Recorder(loop), { sock: mine })
      const named = { serverHostname: 'localhost' }
      assert.throws(() => loop.startTls({} as never, client, clientContext, named), TypeError)
      for (const wrong of [null, false, 'yes', 5]) {
        assert.throws(() => loop.startTls(plain, client, wrong as never, named), TypeError)
      }
      assert.throws(() => loop.startTls(plain, client, true, { serverSide: true }), TypeError)
      assert.throws(() => loop.startTls(plain, client, clientContext), RangeError)
      assert.equal(plain.getProtocol(), client)
      plain.close()
      await client.ended()
    }))

  it('[TLS-14] a cancelled startTls closes the transport', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = socketpair()
      own(peer)
      const [plain, client] = await loop.createConnection(() => new Recorder(loop), { sock: mine })
      const task = createTask(() => loop.startTls(plain, client, clientContext, { serverHostname: 'localhost' }))
      await readExactly(loop, peer, 5)
      task.cancel()
      await assert.rejects(task, { name: 'CancelledError' })
      while ((await loop.sockRecv(peer, 65536)).length > 0);
      assert.equal(plain.isClosing(), true)
    }))

  it('[TLS-16] TLS over TLS', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const { client, server, near, far } = await tlsPair(ground)
      const accepting = loop.startTls(far, server, serverContext, { serverSide: true })
      const inner = await loop.startTls(near, client, clientContext, { serverHostname: 'localhost' })
      await accepting
      inner.write(megabytes)
      await server.until(() => server.received === megabytes.length)
      assert.ok(Buffer.concat(server.chunks).equals(megabytes))
      inner.close()
      assert.equal(await client.ended(), null)
      assert.equal(await server.ended(), null)
    }))
})

describe('streams over TLS', () => {
  /** Serves one connection with `serve`, and connects to it without TLS. */
  async function upgradable(
    { own }: Ground,
    serve: (reader: StreamReader, writer: StreamWriter) => Promise<void>,
  ): Promise<[StreamReader, StreamWriter, Server]> {
    const server = await startServer(serve, local)
    own(server)
    return [...(await openConnection(addressOf(server))), server]
  }

  it('[SASS-12] startTls upgrades both sides in place', () =>
    withinLoop(async (ground) => {
      const [reader, writer, server] = await upgradable(ground, async (from, to) => {
        assert.equal(`${await from.readline()}`, 'upgrade\n')
        to.write('go\n')
        await to.startTls(serverContext)
        to.write(await from.readline())
        to.close()
        await to.waitClosed()
      })
      writer.write('upgrade\n')
      assert.equal(`${await reader.readline()}`, 'go\n')
      await writer.startTls(clientContext, { serverHostname: 'localhost' })
      assert.ok(writer.getExtraInfo('sslcontext'))
      assert.equal(writer.canWriteEof(), false)
      writer.write('hello\n')
      assert.equal(`${await reader.readline()}`, 'hello\n')
      assert.equal((await reader.read()).length, 0)
      writer.close()
      await writer.waitClosed()
      server.close()
      await server.waitClosed()
    }))

  it('[SASS-13] TLS bytes that the reader holds already belong to the handshake', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const upgraded = loop.createFuture<void>()
      const [reader, writer, server] = await upgradable(ground, async (from, to) => {
        await from.readuntil('go')
        // The client's hello arrives while nobody waits for it.
        while (!/ bytes/.test(inspect(from))) await sleep(1)
        await to.startTls(serverContext)
        upgraded.setResult()
        to.write(await from.readline())
        to.close()
      })
      writer.write('go')
      await writer.startTls(clientContext, { serverHostname: 'localhost' })
      await upgraded
      writer.write('hello\n')
      assert.equal(`${await reader.readline()}`, 'hello\n')
      writer.close()
      await writer.waitClosed()
      server.close()
      await server.waitClosed()
    }))

  it('[SASS-15] the end of a stream closes a TLS connection, and leaves half of a plain one open', () =>
    withinLoop(async ({ loop }) => {
      const answers: string[] = []
      const both = loop.createFuture<void>()
      const serve = async (from: StreamReader, to: StreamWriter) => {
        await from.read()
        await sleep(1)
        answers.push(to.isClosing() ? 'closing' : 'open')
        to.close()
        if (answers.length === 2) both.setResult()
      }
      const plain = await startServer(serve, local)
      const [, first] = await openConnection(addressOf(plain))
      first.writeEof()
      plain.close()
      await plain.waitClosed()
      first.close()
      await first.waitClosed()
      const secure = await startServer(serve, { ...local, ssl: serverContext })
      const [, second] = await openConnection({ ...addressOf(secure), ssl: clientContext })
      second.close()
      await second.waitClosed()
      secure.close()
      await secure.waitClosed()
      await both
      assert.deepEqual(answers, ['open', 'closing'])
    }))

  it('a server with TLS takes part with clients of node:tls', () =>
    withinLoop(async (ground) => {
      const server = await startServer(
        async (from, to) => {
          to.write(await from.readline())
          to.close()
        },
        { ...local, ssl: { cert, key, ALPNProtocols: ['echo'] } },
      )
      ground.own(server)
      const peer = connectTls({ ...addressOf(server), ca: cert, ALPNProtocols: ['echo'] })
      peer.write('hello\n')
      const answer = (await wrapFuture(once(peer, 'data'))) as [Buffer]
      assert.equal(`${answer[0]}`, 'hello\n')
      assert.equal(peer.alpnProtocol, 'echo')
      await wrapFuture(once(peer, 'close'))
    }))
})
