// createConnection: arguments, addresses, races, cancellation; and the context of protocols.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type AddrInfo,
  CancelledError,
  ContextVar,
  constants,
  type InetAddress,
  LoopError,
  Socket,
  sleep,
  socketpair,
  systemError,
  TimeoutError,
} from '@loop/core'
import { addressOf, Recorder, tcpPair } from './recorder.js'
import { type Ground, withinLoop } from './within_loop.js'

const here = { host: '127.0.0.1', port: 0 }

/** A server that keeps its clients' transports, and where it listens. */
async function listener({ loop }: Ground, host = '127.0.0.1') {
  const clients: Recorder[] = []
  const server = await loop.createServer(
    () => {
      const recorder = new Recorder(loop)
      clients.push(recorder)
      return recorder
    },
    { host, port: 0 },
  )
  const end = async () => {
    server.close()
    server.abortClients()
    await server.waitClosed()
  }
  return { server, clients, address: addressOf(server), end }
}

/** A port of 127.0.0.1 where nobody listens; held, so that nobody else takes it. */
function deadPort(own: Ground['own']): number {
  const socket = own(new Socket())
  socket.bind(here)
  return (socket.getsockname() as InetAddress).port
}

function info(host: string, port: number): AddrInfo {
  const family = host.includes(':') ? 'IPv6' : 'IPv4'
  const { SOCK_STREAM, IPPROTO_TCP } = constants
  return { family, type: SOCK_STREAM!, proto: IPPROTO_TCP!, canonname: '', address: { host, port, family } }
}

/** Makes names resolve to what a test wants. */
function resolveTo(loop: Ground['loop'], names: Record<string, AddrInfo[]>): string[] {
  const asked: string[] = []
  loop.getaddrinfo = async (host) => {
    asked.push(String(host))
    return names[String(host)] ?? []
  }
  return asked
}

/** Notes every socket that an attempt makes; `answer` may end an attempt in the system's place. */
function watchAttempts(
  loop: Ground['loop'],
  answer: (address: InetAddress, index: number) => Promise<void> | undefined = () => undefined,
): Socket[] {
  const sockets: Socket[] = []
  const connect = loop.sockConnect.bind(loop)
  loop.sockConnect = (socket, address, options) => {
    sockets.push(socket)
    return answer(address as InetAddress, sockets.length - 1) ?? connect(socket, address, options)
  }
  return sockets
}

const opened = (sockets: Socket[]) => sockets.map((socket) => socket.fileno() >= 0)

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

describe('createConnection: addresses', () => {
  it('[CREA-03] addresses are tried in order until one connects', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const { address, end } = await listener(ground)
      const dead = [deadPort(own), deadPort(own)]
      resolveTo(loop, { name: [...dead.map((port) => info('127.0.0.1', port)), info(address.host, address.port)] })
      for (const happyEyeballsDelay of [null, 10_000]) {
        const sockets = watchAttempts(loop)
        const client = new Recorder(loop)
        const [transport] = await loop.createConnection(() => client, { host: 'name', port: 1, happyEyeballsDelay })
        assert.deepEqual(opened(sockets), [false, false, true])
        assert.deepEqual((transport.getExtraInfo('peername') as InetAddress).port, address.port)
        transport.abort()
        await client.ended()
      }
      await end()
    }))

  it('[CREA-04] one error is thrown as it is, equal ones once, different ones together', () =>
    withinLoop(async ({ loop, own }) => {
      const factory = () => ({})
      const [one, two] = [deadPort(own), deadPort(own)]
      const attempt = (happyEyeballsDelay: number | null) =>
        loop.createConnection(factory, { host: 'name', port: 1, happyEyeballsDelay })
      for (const delay of [null, 10_000]) {
        resolveTo(loop, { name: [info('127.0.0.1', one)] })
        await assert.rejects(attempt(delay), {
          code: 'ECONNREFUSED',
          syscall: 'connect',
          address: '127.0.0.1',
          port: one,
        })
        resolveTo(loop, { name: [info('127.0.0.1', one), info('127.0.0.1', one)] })
        await assert.rejects(attempt(delay), { code: 'ECONNREFUSED', message: /^connect ECONNREFUSED/ })
        resolveTo(loop, { name: [info('127.0.0.1', one), info('127.0.0.1', two)] })
        await assert.rejects(attempt(delay), {
          code: 'ECONNREFUSED',
          message: new RegExp(`^Multiple exceptions: .*:${one}.*, .*:${two}`),
        })
      }
    }))

  it('[CREA-05] allErrors gives an AggregateError', () =>
    withinLoop(async ({ loop, own }) => {
      const ports = [deadPort(own), deadPort(own)]
      resolveTo(loop, { name: ports.map((port) => info('127.0.0.1', port)) })
      await assert.rejects(
        loop.createConnection(() => ({}), { host: 'name', port: 1, allErrors: true }),
        (error: AggregateError) => {
          assert.ok(error instanceof AggregateError)
          assert.equal(error.message, 'create_connection failed')
          assert.deepEqual(
            error.errors.map((each) => each.port),
            ports,
          )
          return true
        },
      )
    }))

  it('[CREA-06] a resolver that finds nothing is a system error', () =>
    withinLoop(async ({ loop }) => {
      resolveTo(loop, {})
      await assert.rejects(
        loop.createConnection(() => ({}), { host: 'name', port: 1 }),
        {
          code: 'ENOTFOUND',
          syscall: 'getaddrinfo',
          message: /returned empty list/,
        },
      )
    }))

  it('[CREA-07] localAddr is bound before connecting; addresses of other families are skipped', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const { address, end, clients } = await listener(ground)
      resolveTo(loop, { local: [info('::1', 0), info('127.0.0.1', 0)] })
      for (const localAddr of [
        { host: 'local', port: 0 },
        { host: '127.0.0.2', port: 0 },
      ]) {
        const client = new Recorder(loop)
        const [transport] = await loop.createConnection(() => client, { ...address, localAddr })
        const mine = transport.getExtraInfo('sockname') as InetAddress
        assert.equal(mine.host, localAddr.host === 'local' ? '127.0.0.1' : '127.0.0.2')
        for (let pass = 0; pass < 100 && clients.at(-1)?.transport === undefined; pass++) await sleep(1)
        assert.deepEqual(clients.at(-1)?.transport.getExtraInfo('peername'), mine)
        transport.abort()
        await client.ended()
      }
      await end()
    }))

  it('[CREA-08] no local address of the right family is a system error', () =>
    withinLoop(async (ground) => {
      const { address, end } = await listener(ground)
      const sockets = watchAttempts(ground.loop)
      await assert.rejects(
        ground.loop.createConnection(() => ({}), { ...address, localAddr: { host: '::1', port: 0 } }),
        { syscall: 'bind', message: /no matching local address with family IPv4 found/ },
      )
      assert.deepEqual(sockets, [])
      await end()
    }))

  it('[CREA-09] a local address in use is reported with the address', () =>
    withinLoop(async (ground) => {
      const { address, end } = await listener(ground)
      const taken = await listener(ground)
      await assert.rejects(
        ground.loop.createConnection(() => ({}), { ...address, localAddr: taken.address }),
        {
          code: 'EADDRINUSE',
          syscall: 'bind',
          address: '127.0.0.1',
          port: taken.address.port,
          message: /error while attempting to bind on address 127\.0\.0\.1:/,
        },
      )
      await end()
      await taken.end()
    }))

  it('[CREA-10] numeric addresses skip the resolver', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const { address, end } = await listener(ground)
      const asked = resolveTo(loop, {})
      for (const port of [address.port, String(address.port)]) {
        const client = new Recorder(loop)
        const [transport] = await loop.createConnection(() => client, { host: '127.0.0.1', port })
        transport.abort()
        await client.ended()
      }
      assert.deepEqual(asked, [])
      await end()
    }))

  it('a name is resolved by the host', () =>
    withinLoop(async (ground) => {
      const { address, end } = await listener(ground)
      const client = new Recorder(ground.loop)
      const [transport] = await ground.loop.createConnection(() => client, { host: 'localhost', port: address.port })
      transport.abort()
      await client.ended()
      await end()
    }))

  it("[CREA-13] an error that is not the system's closes the socket and is thrown as it is", () =>
    withinLoop(async ({ loop }) => {
      const failure = new TypeError('a bug')
      for (const happyEyeballsDelay of [null, 10_000]) {
        resolveTo(loop, { name: [info('127.0.0.1', 1), info('127.0.0.1', 2)] })
        const sockets = watchAttempts(loop, () => Promise.reject(failure))
        await assert.rejects(
          loop.createConnection(() => ({}), { host: 'name', port: 1, happyEyeballsDelay }),
          failure,
        )
        assert.deepEqual(opened(sockets), [false])
      }
    }))
})

describe('createConnection: happy eyeballs', () => {
  it('[CREA-14] the next attempt begins after the delay; the first success wins and the others are closed', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const { address, end } = await listener(ground)
      resolveTo(loop, { name: [info('127.0.0.1', 1), info('127.0.0.1', 2), info(address.host, address.port)] })
      const began: number[] = []
      const sockets = watchAttempts(loop, ({ port }) => {
        began.push(loop.time())
        return port === address.port ? undefined : never(loop)
      })
      const client = new Recorder(loop)
      // From the call on, because an attempt's own start may be held up by other work on the machine.
      const called = loop.time()
      const [transport] = await loop.createConnection(() => client, { host: 'name', port: 1, happyEyeballsDelay: 30 })
      assert.deepEqual(opened(sockets), [false, false, true])
      assert.ok(began[1]! - called >= 30, `the second began after ${began[1]! - called} ms`)
      assert.ok(began[2]! - called >= 60, `the third began after ${began[2]! - called} ms`)
      transport.abort()
      await client.ended()
      await end()
    }))

  it('[CREA-14] after a failure the next begins at once, and 250 ms is the default delay', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const { address, end } = await listener(ground)
      const refused = info('127.0.0.1', deadPort(own))
      resolveTo(loop, { name: [refused, info('127.0.0.1', 2), info(address.host, address.port)] })
      const began: number[] = []
      watchAttempts(loop, ({ port }) => {
        began.push(loop.time())
        return port === 2 ? never(loop) : undefined
      })
      const client = new Recorder(loop)
      const [transport] = await loop.createConnection(() => client, { host: 'name', port: 1 })
      assert.ok(began[1]! - began[0]! < 200, `the second began after ${began[1]! - began[0]!} ms`)
      // The first attempt is known to have begun before the delay did.
      const delay = began[2]! - began[0]!
      assert.ok(delay >= 250, `the third began after ${delay} ms`)
      transport.abort()
      await client.ended()
      await end()
    }))

  it('[EFTD-09] families take turns, beginning with the first address', () =>
    withinLoop(async ({ loop }) => {
      const order = ['::1', '::2', '::3', '127.0.0.1', '127.0.0.2']
      resolveTo(loop, { name: order.map((host) => info(host, 9)) })
      const tried = async (options: object) => {
        const hosts: string[] = []
        watchAttempts(loop, ({ host, port }) => {
          hosts.push(host)
          return Promise.reject(systemError(-constants['ECONNREFUSED']!, 'connect', { address: host, port }))
        })
        await assert.rejects(loop.createConnection(() => ({}), { host: 'name', port: 9, ...options }))
        return hosts
      }
      assert.deepEqual(await tried({}), ['::1', '127.0.0.1', '::2', '127.0.0.2', '::3'])
      assert.deepEqual(await tried({ interleave: 2 }), ['::1', '::2', '127.0.0.1', '::3', '127.0.0.2'])
      assert.deepEqual(await tried({ happyEyeballsDelay: null }), order)
      assert.deepEqual(await tried({ happyEyeballsDelay: null, interleave: 1 }), [
        '::1',
        '127.0.0.1',
        '::2',
        '127.0.0.2',
        '::3',
      ])
    }))

  it('[CREA-14] of two that succeed in one pass one wins and the other is closed', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const { address, end } = await listener(ground)
      resolveTo(loop, { name: [info(address.host, address.port), info(address.host, address.port)] })
      const gate = loop.createFuture<void>()
      const connect = loop.sockConnect.bind(loop)
      const sockets: Socket[] = []
      loop.sockConnect = async (socket, target, options) => {
        sockets.push(socket)
        await connect(socket, target, options)
        if (sockets.length === 2) gate.setResult()
        await gate
      }
      const client = new Recorder(loop)
      const [transport] = await loop.createConnection(() => client, { host: 'name', port: 1, happyEyeballsDelay: 1 })
      assert.deepEqual(opened(sockets).sort(), [false, true])
      transport.abort()
      await client.ended()
      await end()
    }))

  it('[CREA-15] no winner and no errors is a TimeoutError', () =>
    withinLoop(async ({ loop }) => {
      resolveTo(loop, { name: [info('127.0.0.1', 1), info('127.0.0.1', 2)] })
      const sockets = watchAttempts(loop, () => Promise.reject(new CancelledError()))
      await assert.rejects(
        loop.createConnection(() => ({}), { host: 'name', port: 1, happyEyeballsDelay: 1 }),
        (error: Error) => error instanceof TimeoutError && error.message === 'create_connection failed',
      )
      assert.deepEqual(opened(sockets), [false, false])
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

/** Waits until its task is cancelled or `signal` aborts. */
async function never(loop: Ground['loop'], signal?: AbortSignal): Promise<void> {
  const future = loop.createFuture<void>()
  signal?.addEventListener('abort', () => future.cancel())
  await future
}
