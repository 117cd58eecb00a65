// TLS in the middle of a connection, and under streams.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { inspect } from 'node:util'
import {
  createTask,
  openConnection,
  type Server,
  type StreamReader,
  type StreamWriter,
  sleep,
  socketpair,
  startServer,
  type Transport,
  wrapFuture,
} from '@loop/core'
import { addressOf, Recorder, readExactly } from './recorder.js'
import { cert, clientContext, key, local, megabytes, serverContext, tlsPair } from './tls_pair.js'
import { type Ground, withinLoop } from './within_loop.js'

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

  it(
    'over another transport than a socket a write is encrypted and sent within its call',
    { skip: ('bun' in process.versions || 'deno' in process.versions) && 'the wrapper of streams is Node’s' },
    () =>
      withinLoop(async (ground) => {
        const { loop } = ground
        const { client, server, near, far } = await tlsPair(ground)
        const accepting = loop.startTls(far, server, serverContext, { serverSide: true })
        const inner = await loop.startTls(near, client, clientContext, { serverHostname: 'localhost' })
        await accepting
        for (let i = 0; i < 10; i++) {
          inner.write(megabytes.subarray(0, 50_000))
          // What the transport has of its own; what it is over may have more.
          assert.match(inspect(inner), /^<TlsTransport buffered=0 over <TlsTransport/)
        }
        await server.until(() => server.received === 500_000)
        inner.close()
        assert.equal(await client.ended(), null)
        assert.equal(await server.ended(), null)
      }),
  )

  it('a startTls that fails ends the connection, which the protocol is told', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = socketpair()
      own(peer)
      const [reader, writer] = await openConnection({ sock: mine })
      const upgrading = writer.startTls(clientContext, { serverHostname: 'localhost' })
      await readExactly(loop, peer, 5)
      await loop.sockSendall(peer, 'this is no TLS at all\n')
      const isTlsError = (error: NodeJS.ErrnoException) => /^ERR_SSL_/.test(error.code ?? '')
      await assert.rejects(upgrading, isTlsError)
      await assert.rejects(writer.waitClosed(), isTlsError)
      await assert.rejects(reader.read(), isTlsError)
      writer.close()
    }))

  it('[TLS-15] bytes that are no TLS after the handshake end the connection with an error', () =>
    withinLoop(async ({ loop }) => {
      const [mine, peer] = socketpair()
      const [plain, client] = await loop.createConnection(() => new Recorder(loop), { sock: mine })
      const [far, server] = await loop.connectAcceptedSocket(() => new Recorder(loop), peer)
      const accepting = loop.startTls(far, server, serverContext, { serverSide: true })
      await loop.startTls(plain, client, clientContext, { serverHostname: 'localhost' })
      await accepting
      plain.write('this is no TLS at all')
      assert.match(((await server.ended()) as NodeJS.ErrnoException).code ?? '', /^ERR_SSL_/)
      await client.ended()
      assert.deepEqual(
        [client.events, server.events].map((events) => events.filter((event) => event === 'lost')),
        [['lost'], ['lost']],
      )
    }))

  it('[TLS-24] startTls in dataReceived takes effect at once, and what follows comes after it has returned', () =>
    withinLoop(async ({ loop }) => {
      const [mine, peer] = socketpair()
      const [plain, client] = await loop.createConnection(() => new Recorder(loop), { sock: mine })
      const order: string[] = []
      const upgraded = loop.createFuture<void>()
      const [far, server] = await loop.connectAcceptedSocket(() => new Recorder(loop), peer)
      server.dataReceived = (data) => {
        order.push(`${data}`)
        if (order.length > 1) return
        loop.createTask(async () => {
          await upgrading
          order.push('upgraded')
          upgraded.setResult()
        })
        far.write('go')
        const upgrading = loop.startTls(far, server, serverContext, { serverSide: true })
      }
      plain.write('STARTTLS')
      await client.until(() => client.text === 'go')
      const near = await loop.startTls(plain, client, clientContext, { serverHostname: 'localhost' })
      near.write('first')
      await upgraded
      near.close()
      await server.ended()
      await client.ended()
      assert.deepEqual(order, ['STARTTLS', 'upgraded', 'first'])
    }))

  it('a loop that closes under TLS leaves nothing, and its transports can still be closed', () => {
    let left: Transport | undefined
    return withinLoop(async (ground) => {
      const { near } = await tlsPair(ground)
      left = near
    }).then(() => {
      left?.write('dropped')
      left?.close()
      assert.equal(left?.isClosing(), true)
    })
  })
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
