// Servers: what they listen on, and serving.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  CancelledError,
  constants,
  type EventLoop,
  type InetAddress,
  LoopError,
  Server,
  Socket,
  sleep,
  TransportSocket,
} from '@loop/core'
import { passesUntil } from './passes.js'
import { addressOf } from './recorder.js'
import { dial, here, recordingServer } from './recording_server.js'
import { supports, withinLoop } from './within_loop.js'

describe('servers: listening', () => {
  it('[SERV-01] sockets, isServing and getLoop', () =>
    withinLoop(async ({ loop }) => {
      const [server] = await recordingServer(loop)
      assert.ok(server instanceof Server)
      assert.equal(server.sockets.length, 1)
      const [socket] = server.sockets
      assert.ok(socket instanceof TransportSocket)
      assert.equal(socket.family, constants['AF_INET'])
      assert.equal(socket.type, constants['SOCK_STREAM'])
      assert.equal((socket.getsockname() as InetAddress).host, '127.0.0.1')
      assert.equal(server.isServing(), true)
      assert.equal(server.getLoop(), loop as EventLoop)
      server.close()
      assert.deepEqual(server.sockets, [])
      assert.equal(server.isServing(), false)
      assert.equal(socket.fileno(), -1)
      await server.waitClosed()
    }))

  it('[SERV-02] null listens on IPv4 and IPv6 on the same port', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [probe] = await recordingServer(loop)
      const { port } = addressOf(probe)
      probe.close()
      const [server, clients] = await recordingServer(loop, { host: null, port })
      const addresses = server.sockets.map((socket) => socket.getsockname() as InetAddress)
      for (const address of addresses) assert.equal(address.port, port)
      const families = new Set(addresses.map(({ family }) => family))
      assert.ok(families.has('IPv4'))
      const sockets = [await dial(ground, { host: '127.0.0.1', port })]
      // A machine without IPv6 has no such address to listen on.
      if (families.has('IPv6')) sockets.push(await dial(ground, { host: '::1', port }))
      await passesUntil(() => clients.length === addresses.length)
      for (const socket of sockets) socket.close()
      server.close()
      await server.waitClosed()
    }))

  it('[SERV-03] an address in use is an error that names it, and nothing stays bound', () =>
    withinLoop(async ({ loop }) => {
      const [first] = await recordingServer(loop)
      const { port } = addressOf(first)
      const [free] = await recordingServer(loop, { host: '127.0.0.2' })
      const other = addressOf(free).port
      free.close()
      await assert.rejects(recordingServer(loop, { host: '127.0.0.1', port }), {
        code: 'EADDRINUSE',
        syscall: 'bind',
        address: '127.0.0.1',
        port,
        message: new RegExp(`error while attempting to bind on address 127\\.0\\.0\\.1:${port}`),
      })
      // 127.0.0.2 was bound before 127.0.0.1 failed: it must be free again.
      await assert.rejects(recordingServer(loop, { host: ['127.0.0.2', '127.0.0.1'], port }), { code: 'EADDRINUSE' })
      const [again] = await recordingServer(loop, { host: '127.0.0.2', port })
      again.close()
      first.close()
      assert.notEqual(other, 0)
    }))

  it(
    '[SERV-04] reusePort lets two servers share a port',
    { skip: !supports('reusePort') && 'this platform has no SO_REUSEPORT' },
    () =>
      withinLoop(async ({ loop }) => {
        const [first] = await recordingServer(loop, { reusePort: true })
        const { port } = addressOf(first)
        const [second] = await recordingServer(loop, { port, reusePort: true })
        assert.equal(addressOf(second).port, port)
        await assert.rejects(recordingServer(loop, { port }), { code: 'EADDRINUSE' })
        first.close()
        second.close()
      }),
  )

  it('[SERV-05] an empty host is every interface', () =>
    withinLoop(async ({ loop }) => {
      for (const host of ['', ['']]) {
        const [server] = await recordingServer(loop, { host, family: constants['AF_INET'] })
        assert.deepEqual(
          server.sockets.map((socket) => (socket.getsockname() as InetAddress).host),
          ['0.0.0.0'],
        )
        server.close()
      }
    }))

  it('several hosts, each once', () =>
    withinLoop(async ({ loop }) => {
      const [server] = await recordingServer(loop, { host: ['127.0.0.1', '127.0.0.2', '127.0.0.1'] })
      assert.deepEqual(
        server.sockets.map((socket) => (socket.getsockname() as InetAddress).host),
        ['127.0.0.1', '127.0.0.2'],
      )
      server.close()
    }))

  it('[SERV-06] host and sock exclude each other; neither, or no stream socket, is an error', () =>
    withinLoop(async ({ loop, own }) => {
      const factory = () => ({})
      const stream = own(new Socket())
      assert.throws(() => loop.createServer(factory, { ...here, sock: stream }), RangeError)
      assert.throws(() => loop.createServer(factory, {}), RangeError)
      const datagram = own(new Socket({ type: constants['SOCK_DGRAM']! }))
      assert.throws(() => loop.createServer(factory, { sock: datagram }), RangeError)
      assert.throws(() => loop.createServer(factory, { sock: {} as never }), TypeError)
      stream.close()
      assert.throws(() => loop.createServer(factory, { sock: stream }), LoopError)
    }))

  it('wrong arguments throw at the call', () =>
    withinLoop(async ({ loop }) => {
      const factory = () => ({})
      const wrong = (error: typeof TypeError, options: unknown, made: unknown = factory) =>
        assert.throws(() => loop.createServer(made as never, options as never), error)
      wrong(TypeError, here, 'no function')
      wrong(TypeError, undefined)
      wrong(TypeError, { host: 5, port: 0 })
      wrong(TypeError, { host: [5], port: 0 })
      wrong(TypeError, { host: 'localhost', port: {} })
      wrong(RangeError, { host: 'localhost', port: -1 })
      wrong(RangeError, { host: 'localhost', port: 65536 })
      wrong(RangeError, { host: 'localhost', port: 1.5 })
      wrong(TypeError, { ...here, backlog: '5' })
      wrong(RangeError, { ...here, backlog: Number.NaN })
      wrong(TypeError, { ...here, ssl: true })
      wrong(RangeError, { ...here, sslHandshakeTimeout: 1 })
      wrong(RangeError, { ...here, sslShutdownTimeout: 1 })
      await assert.rejects(loop.createServer(factory, { ...here, signal: AbortSignal.abort() }), CancelledError)
    }))

  it('[SERV-07] startServing: false listens only from startServing or serveForever on', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [server, clients] = await recordingServer(loop, { startServing: false })
      assert.equal(server.isServing(), false)
      const address = addressOf(server)
      await assert.rejects(dial(ground, address), { code: 'ECONNREFUSED' })
      await server.startServing()
      assert.equal(server.isServing(), true)
      await server.startServing()
      const socket = await dial(ground, address)
      await passesUntil(() => clients.length === 1)
      socket.close()
      server.close()
      await server.waitClosed()
      const [other] = await recordingServer(loop, { startServing: false })
      const serving = loop.createTask(() => other.serveForever())
      await sleep(0)
      assert.equal(other.isServing(), true)
      serving.cancel()
      await assert.rejects(Promise.resolve(serving), CancelledError)
    }))

  it('[SERV-08] serveForever is exclusive, closes when cancelled, and throws on a closed server', () =>
    withinLoop(async ({ loop }) => {
      const [server] = await recordingServer(loop)
      const serving = loop.createTask(() => server.serveForever())
      await sleep(0)
      await assert.rejects(server.serveForever(), LoopError)
      assert.equal(server.isServing(), true)
      serving.cancel()
      await assert.rejects(Promise.resolve(serving), CancelledError)
      assert.equal(server.isServing(), false)
      assert.deepEqual(server.sockets, [])
      await assert.rejects(server.serveForever(), LoopError)
      await assert.rejects(server.startServing(), LoopError)
    }))

  it('[SERV-08] close ends serveForever with CancelledError; so does its signal', () =>
    withinLoop(async ({ loop }) => {
      const [server] = await recordingServer(loop)
      const serving = loop.createTask(() => server.serveForever())
      await sleep(0)
      server.close()
      await assert.rejects(Promise.resolve(serving), CancelledError)
      const [other] = await recordingServer(loop)
      const controller = new AbortController()
      const aborted = other.serveForever({ signal: controller.signal })
      controller.abort(new Error('enough'))
      await assert.rejects(aborted, (error: Error) => (error.cause as Error).message === 'enough')
      assert.equal(other.isServing(), false)
    }))
})
