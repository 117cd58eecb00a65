// createDatagramEndpoint: sockets, addresses and options.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  constants,
  type DatagramProtocol,
  DatagramTransport,
  type InetAddress,
  LoopError,
  Socket,
  type SystemError,
  sleep,
} from '@loop/core'
import { closedPort, DatagramRecorder, endpoint, loopback, nameOf, plainSocket, receive } from './datagram_recorder.js'
import { withinLoop } from './within_loop.js'

const { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM } = constants as Record<string, number>

describe('createDatagramEndpoint', () => {
  it('makes a transport and its protocol, and calls connectionMade before it ends', () =>
    withinLoop(async ({ loop }) => {
      const recorder = new DatagramRecorder(loop)
      const [transport, protocol] = await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      assert.equal(protocol, recorder)
      assert.deepEqual(recorder.events, ['made'])
      assert.equal(recorder.transport, transport)
      assert.ok(transport instanceof DatagramTransport)
      assert.equal(transport.getProtocol(), recorder)
      assert.equal(transport.getExtraInfo('peername'), null)
      assert.equal(transport.getExtraInfo('socket')!.type, SOCK_DGRAM)
      assert.deepEqual(transport.getWriteBufferLimits(), { high: 65536, low: 16384 })
      await recorder.close()
    }))

  it('resolves names, for both addresses', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop, { localAddr: { host: 'localhost', port: 0 }, family: AF_INET! })
      const sender = await endpoint(loop, {
        localAddr: { host: 'localhost', port: 0 },
        remoteAddr: { host: 'localhost', port: nameOf(receiver).port },
        family: AF_INET!,
      })
      sender.endpoint.sendto('hi')
      assert.deepEqual(await receiver.arrived(1), ['hi'])
      assert.deepEqual(receiver.senders, [nameOf(sender)])
      await sender.close()
      await receiver.close()
    }))

  it('the family alone makes an endpoint that can send', () =>
    withinLoop(async ({ loop, own }) => {
      const peer = plainSocket(own)
      const recorder = await endpoint(loop, { family: AF_INET! })
      recorder.endpoint.sendto('hi', peer.getsockname())
      assert.equal(await receive(loop, peer), 'hi')
      await recorder.close()
    }))

  it('[DATA-12] takes a socket, but nothing that would change it', () =>
    withinLoop(async ({ loop }) => {
      const sock = new Socket({ type: SOCK_DGRAM! })
      sock.bind(loopback)
      const others = {
        localAddr: loopback,
        remoteAddr: loopback,
        family: 1,
        proto: 1,
        flags: 1,
        reusePort: true,
        allowBroadcast: true,
      }
      for (const [name, value] of Object.entries(others)) {
        assert.throws(() => loop.createDatagramEndpoint(() => ({}), { sock, [name]: value }), {
          name: 'RangeError',
          message: new RegExp(`${name}=`),
        })
      }
      const recorder = await endpoint(loop, { sock, reusePort: false, family: 0 })
      assert.deepEqual(nameOf(recorder), sock.getsockname())
      assert.throws(() => loop.createDatagramEndpoint(() => ({}), { sock }), LoopError)
      await recorder.close()
      assert.throws(() => loop.createDatagramEndpoint(() => ({}), { sock }), LoopError)
    }))

  it('[DATA-13] a stream socket is refused', () =>
    withinLoop(async ({ loop, own }) => {
      const sock = own(new Socket({ type: SOCK_STREAM! }))
      assert.throws(() => loop.createDatagramEndpoint(() => ({}), { sock }), {
        name: 'RangeError',
        message: /A datagram socket was expected/,
      })
      assert.throws(() => loop.createDatagramEndpoint(() => ({}), { sock: {} as never }), TypeError)
    }))

  it('[DATA-14] no address and no family is refused', () =>
    withinLoop(async ({ loop }) => {
      for (const options of [{}, { localAddr: null, remoteAddr: null }])
        assert.throws(() => loop.createDatagramEndpoint(() => ({}), options), {
          name: 'RangeError',
          message: /unexpected address family/,
        })
    }))

  it('[DATA-15] addresses have a host and a port', () =>
    withinLoop(async ({ loop }) => {
      const bad: unknown[] = [{}, { host: '127.0.0.1' }, { port: 1 }, ['127.0.0.1', 1], 1, true, { host: 1, port: 1 }]
      for (const address of bad) {
        for (const name of ['localAddr', 'remoteAddr'])
          assert.throws(() => loop.createDatagramEndpoint(() => ({}), { [name]: address }), TypeError, String(address))
      }
      assert.throws(() => loop.createDatagramEndpoint(() => ({}), { localAddr: 'path', family: AF_INET! }), TypeError)
      assert.throws(() => loop.createDatagramEndpoint(() => ({}), { localAddr: { host: '', port: -1 } }), RangeError)
      assert.throws(() => loop.createDatagramEndpoint(() => ({}), null as never), TypeError)
      assert.throws(() => loop.createDatagramEndpoint({} as never, { localAddr: loopback }), TypeError)
    }))

  it('[DATA-16] both addresses have a family in common', () =>
    withinLoop(async ({ loop }) => {
      await assert.rejects(
        loop.createDatagramEndpoint(() => ({}), { localAddr: loopback, remoteAddr: { host: '::1', port: 1 } }),
        { name: 'RangeError', message: /can not get address information/ },
      )
      assert.throws(() => loop.createDatagramEndpoint(() => ({}), { localAddr: 'path', remoteAddr: loopback }), {
        name: 'RangeError',
        message: /can not get address information/,
      })
    }))

  it('[DATA-17] reusePort and allowBroadcast set the options', () =>
    withinLoop(async ({ loop }) => {
      const plain = await endpoint(loop)
      const option = (recorder: DatagramRecorder, name: string) =>
        recorder.transport.getExtraInfo('socket')!.getsockopt('SOL_SOCKET', name)
      assert.equal(option(plain, 'SO_BROADCAST'), 0)
      await plain.close()
      const broadcaster = await endpoint(loop, { localAddr: loopback, allowBroadcast: true })
      assert.notEqual(option(broadcaster, 'SO_BROADCAST'), 0)
      await broadcaster.close()
      if (!loop.supports('reusePort')) return
      const first = await endpoint(loop, { localAddr: loopback, reusePort: true })
      assert.notEqual(option(first, 'SO_REUSEPORT'), 0)
      const second = await endpoint(loop, { localAddr: nameOf(first), reusePort: true })
      await first.close()
      await second.close()
    }))

  it('[DATA-18] allowBroadcast leaves the socket unconnected, and sends to the remote address', () =>
    withinLoop(async ({ loop, own }) => {
      const peer = plainSocket(own)
      const remoteAddr = peer.getsockname() as InetAddress
      const recorder = await endpoint(loop, { localAddr: loopback, remoteAddr, allowBroadcast: true })
      assert.equal(recorder.transport.getExtraInfo('peername'), null)
      recorder.endpoint.sendto('a')
      recorder.endpoint.sendto('b', remoteAddr)
      for (const text of ['a', 'b']) assert.equal(await receive(loop, peer), text)
      assert.throws(() => recorder.endpoint.sendto('c', closedPort()), RangeError)
      // Others than the remote address may answer.
      plainSocket(own).sendto('from elsewhere', nameOf(recorder))
      assert.deepEqual(await recorder.arrived(1), ['from elsewhere'])
      await recorder.close()
    }))

  it('[DATA-19] reusePort where there is none is refused', () =>
    withinLoop(async ({ loop }) => {
      loop.supports = (feature) => feature !== 'reusePort'
      assert.throws(() => loop.createDatagramEndpoint(() => ({}), { localAddr: loopback, reusePort: true }), {
        name: 'RangeError',
        message: /reusePort is not supported/,
      })
    }))

  it('[DATA-20] what cannot be bound is closed, and says what and where', () =>
    withinLoop(async ({ loop, own }) => {
      const taken = plainSocket(own).getsockname() as InetAddress
      let made = 0
      const factory = (): DatagramProtocol => {
        made++
        return {}
      }
      await assert.rejects(loop.createDatagramEndpoint(factory, { localAddr: taken }), (error: SystemError) => {
        assert.deepEqual(
          [error.code, error.syscall, error.address, error.port],
          ['EADDRINUSE', 'bind', '127.0.0.1', taken.port],
        )
        assert.match(error.message, new RegExp(`127.0.0.1:${taken.port}`))
        return true
      })
      // Wine binds to any address.
      if (process.platform !== 'win32') {
        await assert.rejects(loop.createDatagramEndpoint(factory, { localAddr: { host: '192.0.2.77', port: 0 } }), {
          code: 'EADDRNOTAVAIL',
        })
      }
      assert.equal(made, 0)
    }))

  it('a protocol factory that throws, or gives no protocol, leaves nothing open', () =>
    withinLoop(async ({ loop }) => {
      const options = { localAddr: loopback }
      await assert.rejects(
        loop.createDatagramEndpoint(() => {
          throw new Error('from the factory')
        }, options),
        { message: 'from the factory' },
      )
      await assert.rejects(
        loop.createDatagramEndpoint(() => null as never, options),
        TypeError,
      )
    }))

  it('a signal that aborts ends it, and leaves nothing open', () =>
    withinLoop(async ({ loop }) => {
      const early = AbortSignal.abort(new Error('why'))
      await assert.rejects(endpoint(loop, { localAddr: loopback, signal: early }), { name: 'CancelledError' })
      const late = new AbortController()
      const creating = endpoint(loop, { localAddr: loopback, signal: late.signal })
      late.abort()
      await assert.rejects(creating, { name: 'CancelledError' })
      await sleep(0)
    }))

  it('an IPv6 endpoint of every interface hears IPv4 too, unless the system says otherwise', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = await endpoint(loop, { localAddr: { host: '::', port: 0 }, family: AF_INET6! })
      const socket = recorder.transport.getExtraInfo('socket')!
      if (socket.getsockopt('IPPROTO_IPV6', 'IPV6_V6ONLY') === 0) {
        const peer = plainSocket(own)
        peer.sendto('over IPv4', { host: '127.0.0.1', port: nameOf(recorder).port })
        await recorder.arrived(1)
        recorder.endpoint.sendto('answer', recorder.senders[0]!)
        assert.equal(await receive(loop, peer), 'answer')
      }
      await recorder.close()
    }))
})
