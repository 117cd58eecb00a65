// createConnection: arguments and cancellation; and the context of protocols.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CancelledError, ContextVar, constants, LoopError, Socket, sleep, socketpair } from '@loop/core'
import { info, never, opened, resolveTo } from './connection_attempts.js'
import { listener } from './listener.js'
import { addressOf, Recorder, tcpPair } from './recorder.js'
import { withinLoop } from './within_loop.js'

const here = { host: '127.0.0.1', port: 0 }

describe('createConnection: arguments', () => {
  it('[CREA-01] host or port and sock exclude each other; neither is an error', () =>
    withinLoop(async ({ loop, own }) => {
      const sock = own(new Socket())
      const factory = () => ({})
      assert.throws(() => loop.createConnection(factory, { host: 'localhost', port: 1, sock }), RangeError)
      assert.throws(() => loop.createConnection(factory, { port: 1, sock }), RangeError)
      assert.throws(() => loop.createConnection(factory, {}), RangeError)
    }))

  it('[CREA-02] what is no open stream socket is rejected', () =>
    withinLoop(async ({ loop, own }) => {
      const factory = () => ({})
      const datagram = own(new Socket({ type: constants['SOCK_DGRAM']! }))
      for (const connect of [
        (sock: unknown) => loop.createConnection(factory, { sock: sock as Socket }),
        (sock: unknown) => loop.connectAcceptedSocket(factory, sock as Socket),
      ]) {
        assert.throws(() => connect(datagram), RangeError)
        assert.throws(() => connect({ fileno: () => 3 }), TypeError)
        assert.throws(() => connect(5), TypeError)
      }
      const closed = new Socket()
      closed.close()
      assert.throws(() => loop.createConnection(factory, { sock: closed }), LoopError)
    }))

  it('[CREA-11] serverHostname and TLS timeouts without ssl, ssl without any host name', () =>
    withinLoop(async ({ loop, own }) => {
      const factory = () => ({})
      const base = { host: 'localhost', port: 1 }
      for (const wrong of [{ serverHostname: 'x' }, { sslHandshakeTimeout: 1 }, { sslShutdownTimeout: 1 }]) {
        assert.throws(() => loop.createConnection(factory, { ...base, ...wrong }), RangeError)
        assert.throws(() => loop.createConnection(factory, { ...base, ssl: false, ...wrong }), RangeError)
      }
      assert.throws(() => loop.createConnection(factory, { port: 1, ssl: true }), RangeError)
      assert.throws(() => loop.createConnection(factory, { sock: own(new Socket()), ssl: true }), RangeError)
    }))

  it('wrong arguments throw at the call', () =>
    withinLoop(async ({ loop }) => {
      const factory = () => ({})
      const wrong = (error: typeof TypeError, options: unknown, made: unknown = factory) =>
        assert.throws(() => loop.createConnection(made as never, options as never), error)
      wrong(TypeError, { ...here, port: 1 }, {})
      wrong(TypeError, null)
      wrong(TypeError, 'localhost')
      wrong(TypeError, { host: 5, port: 1 })
      wrong(TypeError, { host: 'localhost', port: {} })
      wrong(RangeError, { host: 'localhost', port: -1 })
      wrong(RangeError, { host: 'localhost', port: '70000' })
      wrong(RangeError, { host: 'local\0host', port: 1 })
      wrong(TypeError, { ...here, localAddr: 'x' })
      wrong(RangeError, { ...here, localAddr: { host: '127.0.0.1', port: -1 } })
      wrong(TypeError, { ...here, happyEyeballsDelay: '1' })
      wrong(RangeError, { ...here, happyEyeballsDelay: -1 })
      wrong(RangeError, { ...here, happyEyeballsDelay: Number.NaN })
      wrong(RangeError, { ...here, interleave: 1.5 })
      wrong(TypeError, { ...here, family: 'IPv4' })
    }))
})

describe('createConnection: cancellation and protocols', () => {
  for (const how of ['cancel', 'signal'] as const) {
    it(`[CREA-16] ${how} closes the sockets of every attempt`, () =>
      withinLoop(async ({ loop }) => {
        resolveTo(loop, { name: [info('127.0.0.1', 1), info('127.0.0.1', 2)] })
        const sockets: Socket[] = []
        loop.sockConnect = (socket, _address, options) => {
          sockets.push(socket)
          return never(loop, options?.signal)
        }
        const controller = new AbortController()
        const task = loop.createTask(() =>
          loop.createConnection(() => ({}), {
            host: 'name',
            port: 1,
            happyEyeballsDelay: 1,
            signal: controller.signal,
          }),
        )
        for (let pass = 0; pass < 1000 && sockets.length < 2; pass++) await sleep(1)
        assert.deepEqual(opened(sockets), [true, true])
        if (how === 'cancel') task.cancel()
        else controller.abort()
        await assert.rejects(Promise.resolve(task), CancelledError)
        assert.deepEqual(opened(sockets), [false, false])
      }))
  }

  it('[CREA-16] a cancelled createConnection({ sock }) closes the socket once', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      const client = new Recorder(loop)
      const task = loop.createTask(() => loop.createConnection(() => client, { sock: mine }))
      await sleep(0)
      task.cancel()
      await assert.rejects(Promise.resolve(task), CancelledError)
      assert.equal(await client.ended(), null)
      assert.equal(mine.fileno(), -1)
      // The number is somebody else's by now, and closing the socket again must not touch it.
      const [next, other] = socketpair()
      own(next)
      own(other)
      mine.close()
      next.send('x')
      assert.equal(other.recv(1).length, 1)
      peer.close()
      const [late, end] = socketpair()
      own(end)
      await assert.rejects(
        loop.createConnection(() => client, { sock: late, signal: AbortSignal.abort() }),
        CancelledError,
      )
      assert.equal(late.fileno(), -1)
    }))

  it('an error of the protocol factory closes the socket', () =>
    withinLoop(async ({ loop, own }) => {
      for (const [factory, error] of [
        [
          () => {
            throw new RangeError('no protocol')
          },
          RangeError,
        ],
        [() => undefined, TypeError],
      ] as const) {
        const [mine, peer] = await tcpPair(loop, own)
        await assert.rejects(loop.createConnection(factory as never, { sock: mine }), error)
        assert.equal(mine.fileno(), -1)
        peer.close()
      }
    }))

  it('[CREA-17] an exception in connectionMade is reported, and the connection is there', () =>
    withinLoop(async (ground) => {
      const { loop, reports } = ground
      const { address, clients, end } = await listener(ground)
      const client = new Recorder(loop)
      client.connectionMade = () => {
        throw new Error('in connectionMade')
      }
      const [transport] = await loop.createConnection(() => client, address)
      const [report] = reports.splice(0)
      assert.equal(report?.exception?.message, 'in connectionMade')
      assert.equal(report?.protocol, client)
      transport.write('works')
      for (let pass = 0; pass < 1000 && clients[0]?.text !== 'works'; pass++) await sleep(1)
      assert.equal(clients[0]?.text, 'works')
      transport.close()
      assert.equal(await client.ended(), null)
      await end()
    }))

  it('[CREA-19] connectAcceptedSocket serves a socket that was accepted elsewhere', () =>
    withinLoop(async ({ loop, own }) => {
      const [accepted, peer] = await tcpPair(loop, own)
      const recorder = new Recorder(loop)
      const [transport, protocol] = await loop.connectAcceptedSocket(() => recorder, accepted)
      assert.equal(protocol, recorder)
      peer.send('hello')
      await recorder.until(() => recorder.text === 'hello')
      transport.write('world')
      assert.equal((await loop.sockRecv(peer, 10)).toString(), 'world')
      assert.throws(() => loop.connectAcceptedSocket(() => recorder, accepted), LoopError)
      peer.close()
      assert.equal(await recorder.ended(), null)
    }))

  const label = new ContextVar<string>('label', { defaultValue: 'none' })

  /** Notes in which context each callback runs. */
  class ContextRecorder extends Recorder {
    readonly labels = new Set<string | undefined>()
    protected override note(event: string): void {
      this.labels.add(label.get())
      super.note(event)
    }
  }

  it("[CP-01] protocols of accepted connections run in a copy of the server's creator's context", () =>
    withinLoop(async ({ loop }) => {
      const accepted = loop.createFuture<ContextRecorder>()
      const server = await loop.createTask(() => {
        label.set('server')
        return loop.createServer(() => {
          const recorder = new ContextRecorder(loop)
          recorder.labels.add(label.get())
          label.set('changed by the factory')
          accepted.setResult(recorder)
          return recorder
        }, here)
      })
      assert.equal(label.get(), 'none')
      const client = new Recorder(loop)
      const [transport] = await loop.createConnection(() => client, addressOf(server))
      transport.write('hello')
      const recorder = await accepted
      await recorder.until(() => recorder.text === 'hello')
      transport.close()
      await recorder.ended()
      // The factory's own callback saw what it set; connectionMade was scheduled from it.
      assert.deepEqual([...recorder.labels][0], 'server')
      assert.equal(recorder.labels.has('none'), false)
      server.close()
      await server.waitClosed()
    }))

  it("[CP-02] protocols of connections run in the context of createConnection's caller", () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const { address, clients, end } = await listener(ground)
      const client = new ContextRecorder(loop)
      const [transport] = await loop.createTask(() => {
        label.set('caller')
        return loop.createConnection(() => client, address)
      })
      for (let pass = 0; pass < 1000 && clients[0]?.transport === undefined; pass++) await sleep(1)
      clients[0]!.transport.write('hello')
      await client.until(() => client.text === 'hello')
      clients[0]!.transport.close()
      await client.ended()
      assert.deepEqual([...client.labels], ['caller'])
      assert.equal(transport.isClosing(), true)
      await end()
    }))
})
