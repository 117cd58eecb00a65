// TLS over the loop's transports, with both ends on the loop or one of them a plain socket that misbehaves.
import assert from 'node:assert/strict'
import { Socket as NodeSocket } from 'node:net'
import { describe, it } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { type BufferedProtocol, openConnection, type Socket, sleep, socketpair, type Transport } from '@loop/core'
import { addressOf, Recorder } from './recorder.js'
import {
  cert,
  clientContext,
  closeBoth,
  key,
  local,
  megabytes,
  serverContext,
  takeHandshakeReports,
  tlsPair,
  tlsServer,
} from './tls_pair.js'
import { type Ground, withinLoop } from './within_loop.js'

const throughWire =
  process.platform === 'win32'
    ? 'on Windows TLS goes through the transport'
    : ('bun' in process.versions || 'deno' in process.versions) && 'the engine that takes bytes is Node’s'

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

  it('what is encrypted is written to the descriptor, through a socket of the host', { skip: throughWire }, () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      for (const { transport } of [pair.client, pair.server]) {
        const socket = transport.getExtraInfo('sslObject') as TLSSocket & { _parent: unknown }
        assert.ok(socket._parent instanceof NodeSocket)
      }
      await closeBoth(pair)
    }),
  )

  it('many writes in one call come in their order, and all of them before the end', () =>
    withinLoop(async (ground) => {
      const pair = await tlsPair(ground)
      const sizes = Array.from({ length: 300 }, (_, index) => 1 + ((index * 7919) % 5000))
      let sent = 0
      for (const size of sizes) {
        // Written over at once: what waits to be sent is no longer the caller's.
        const bytes = Buffer.from(megabytes.subarray(sent, sent + size))
        pair.near.write(bytes)
        bytes.fill(0)
        sent += size
      }
      await closeBoth(pair)
      assert.ok(Buffer.concat(pair.server.chunks).equals(megabytes.subarray(0, sent)))
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
    { skip: process.platform === 'win32' && 'Windows has no pairs of Unix sockets; see unix_traffic' },
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
