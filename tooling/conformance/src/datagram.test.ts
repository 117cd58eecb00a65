// Datagram transports over real sockets.
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
  socketpair,
} from '@loop/core'
import { closedPort, DatagramRecorder, endpoint, loopback, nameOf, plainSocket, receive } from './datagram_recorder.js'
import { supports, withinLoop } from './within_loop.js'

const { AF_UNIX, AF_INET, AF_INET6, SOCK_DGRAM, SOCK_STREAM } = constants as Record<string, number>

/** The system took nothing any more: the receiver's queue, or the sender's buffer, is full. */
async function fill(recorder: DatagramRecorder, data: Buffer): Promise<number> {
  let sent = 0
  while (recorder.endpoint.getWriteBufferSize() === 0 && sent < 10_000) {
    recorder.endpoint.sendto(data)
    sent++
  }
  assert.ok(recorder.endpoint.getWriteBufferSize() > 0, 'the socket took 10,000 datagrams')
  return sent
}

describe('datagram transports: sending', () => {
  it('[DATA-01] a datagram leaves at once', () =>
    withinLoop(async ({ loop, own }) => {
      const peer = plainSocket(own)
      const recorder = await endpoint(loop, { remoteAddr: peer.getsockname() as InetAddress })
      await sleep(0)
      recorder.endpoint.sendto('now')
      assert.equal(peer.recv(10).toString(), 'now')
      assert.equal(recorder.endpoint.getWriteBufferSize(), 0)
      await recorder.close()
    }))

  it(
    '[DATA-01] what would block is buffered, and order is kept',
    { skip: process.platform !== 'linux' && 'fills a Unix socket, which blocks on Linux' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const [mine, peer] = socketpair({ type: SOCK_DGRAM! })
        own(peer)
        const recorder = await endpoint(loop, { sock: mine })
        const total = 500
        for (let index = 0; index < total; index++) recorder.endpoint.sendto(String(index))
        assert.ok(recorder.endpoint.getWriteBufferSize() > 0)
        for (let index = 0; index < total; index++) assert.equal(await receive(loop, peer), String(index))
        assert.equal(recorder.endpoint.getWriteBufferSize(), 0)
        await recorder.close()
      }),
  )

  it('several datagrams of one pass arrive one by one, in order, to several addresses', () =>
    withinLoop(async ({ loop, own }) => {
      const peers = [plainSocket(own), plainSocket(own)]
      const recorder = await endpoint(loop)
      const sent: string[][] = [[], []]
      for (let index = 0; index < 300; index++) {
        // Runs of one size, interrupted by other sizes and by the other address.
        const text = String(index % 7 === 0 ? index : 100 + (index % 10)).padEnd(index % 50 === 0 ? 40 : 3)
        const which = index % 20 < 15 ? 0 : 1
        sent[which]!.push(text)
        recorder.endpoint.sendto(text, peers[which]!.getsockname())
      }
      for (const [which, texts] of sent.entries())
        for (const text of texts) assert.equal(await receive(loop, peers[which]!), text)
      await recorder.close()
    }))

  it('the memory that was sent may be reused at once', () =>
    withinLoop(async ({ loop, own }) => {
      const peer = plainSocket(own)
      const recorder = await endpoint(loop, { remoteAddr: peer.getsockname() as InetAddress })
      const data = Buffer.from('x')
      for (const letter of ['a', 'b', 'c']) {
        data.write(letter)
        recorder.endpoint.sendto(data)
      }
      data.write('-')
      for (const letter of ['a', 'b', 'c']) assert.equal(await receive(loop, peer), letter)
      await recorder.close()
    }))

  it('[DATA-02] empty datagrams are sent, at once and later', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop)
      const sender = await endpoint(loop, { remoteAddr: nameOf(receiver) })
      for (const text of ['', '', 'x', '', 'xx']) sender.endpoint.sendto(text)
      assert.deepEqual(await receiver.arrived(5), ['', '', 'x', '', 'xx'])
      await sender.close()
      await receiver.close()
    }))

  it(
    '[DATA-02] empty datagrams are sent from the buffer',
    { skip: process.platform !== 'linux' && 'fills a Unix socket, which blocks on Linux' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const [mine, peer] = socketpair({ type: SOCK_DGRAM! })
        own(peer)
        const recorder = await endpoint(loop, { sock: mine })
        const before = await fill(recorder, Buffer.alloc(0))
        recorder.endpoint.sendto('')
        assert.equal(recorder.endpoint.getWriteBufferSize() % 8, 0)
        for (let index = 0; index <= before; index++) assert.equal(await receive(loop, peer), '')
        assert.throws(() => peer.recv(1), { code: 'EAGAIN' })
        await recorder.close()
      }),
  )

  it('[DATA-03] of a connected endpoint the address is null or the connected one', () =>
    withinLoop(async ({ loop, own }) => {
      const peer = plainSocket(own)
      const name = peer.getsockname() as InetAddress
      const recorder = await endpoint(loop, { remoteAddr: name })
      recorder.endpoint.sendto('a')
      recorder.endpoint.sendto('b', null)
      recorder.endpoint.sendto('c', name)
      recorder.endpoint.sendto('d', { host: '127.0.0.1', port: name.port })
      for (const text of ['a', 'b', 'c', 'd']) assert.equal(await receive(loop, peer), text)
      const other = { host: '127.0.0.1', port: name.port ^ 1 }
      assert.throws(() => recorder.endpoint.sendto('e', other), {
        name: 'RangeError',
        message: /must be null or .*127/,
      })
      assert.deepEqual(recorder.transport.getExtraInfo('peername'), name)
      await recorder.close()
    }))

  it(
    '[DATA-03] the peer of a socket pair has no name, and needs none',
    { skip: process.platform === 'win32' && 'socket pairs of Windows have names' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const [mine, peer] = socketpair({ type: SOCK_DGRAM! })
        own(peer)
        const recorder = await endpoint(loop, { sock: mine })
        recorder.endpoint.sendto('hello')
        assert.equal(await receive(loop, peer), 'hello')
        assert.throws(() => recorder.endpoint.sendto('x', 'path'), RangeError)
        peer.send('back')
        await recorder.arrived(1)
        assert.deepEqual(recorder.senders, [null])
        await recorder.close()
      }),
  )

  it('an endpoint without a remote address needs one for each datagram', () =>
    withinLoop(async ({ loop }) => {
      const recorder = await endpoint(loop)
      assert.throws(() => recorder.endpoint.sendto('x'), { name: 'TypeError', message: /needs one for each/ })
      const bad: unknown[] = ['path', {}, { host: '127.0.0.1' }, { host: 1, port: 1 }, ['127.0.0.1', 1], 7]
      for (const address of bad) assert.throws(() => recorder.endpoint.sendto('x', address as never), TypeError)
      assert.throws(() => recorder.endpoint.sendto('x', { host: '127.0.0.1', port: 65536 }), RangeError)
      assert.throws(() => recorder.endpoint.sendto('x', { host: 'localhost', port: 1 }), { message: /resolve names/ })
      await recorder.close()
    }))

  it('[DATA-10] other data than bytes and strings is a type error', () =>
    withinLoop(async ({ loop }) => {
      const recorder = await endpoint(loop, { remoteAddr: closedPort() })
      for (const data of [undefined, null, 1, {}, [1], new Uint16Array(1), new ArrayBuffer(1)])
        assert.throws(() => recorder.endpoint.sendto(data as never), TypeError)
      assert.deepEqual(recorder.errors, [])
      await recorder.close()
    }))

  it(
    '[DATA-04] a dead peer of a connected endpoint is told to errorReceived each time, and it stays open',
    { skip: process.platform === 'win32' && 'Wine does not tell of dead peers' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const name = closedPort()
        const recorder = await endpoint(loop, { remoteAddr: name })
        for (let count = 1; count <= 3; count++) {
          recorder.endpoint.sendto('anybody there?')
          await recorder.until(() => recorder.errors.length >= count)
        }
        assert.deepEqual([...new Set(recorder.errors.map(({ code }) => code))], ['ECONNREFUSED'])
        assert.equal(recorder.endpoint.isClosing(), false)
        // Somebody comes.
        const peer = plainSocket(own, name)
        recorder.endpoint.sendto('now?')
        assert.equal(await receive(loop, peer), 'now?')
        await recorder.close()
        assert.equal(recorder.lost, null)
      }),
  )

  it('[DATA-04] a burst to a dead peer: errors are told, and what comes after them still leaves', () =>
    withinLoop(async ({ loop, own }) => {
      const name = closedPort()
      const recorder = await endpoint(loop, { remoteAddr: name })
      for (let round = 1; round <= 3; round++) {
        const before = recorder.errors.length
        for (let index = 0; index < 20; index++) recorder.endpoint.sendto('x'.repeat(index))
        await recorder.until(() => recorder.errors.length > before + 1)
      }
      assert.deepEqual([...new Set(recorder.errors.map(({ code }) => code))], ['ECONNREFUSED'])
      // An error that is still pending would be the first datagram's.
      for (let pass = 0; pass < 10; pass++) await sleep(0)
      const peer = plainSocket(own, name)
      for (let index = 0; index < 20; index++) recorder.endpoint.sendto('x'.repeat(index))
      for (let index = 0; index < 20; index++) assert.equal(await receive(loop, peer), 'x'.repeat(index))
      await recorder.close()
    }))

  it('[DATA-04] what the system refuses is told to errorReceived, and what was sent beside it arrives', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop)
      const sender = await endpoint(loop, { remoteAddr: nameOf(receiver) })
      sender.endpoint.sendto('before')
      sender.endpoint.sendto('also before')
      sender.endpoint.sendto(Buffer.alloc(70_000))
      sender.endpoint.sendto('after')
      await receiver.arrived(3)
      assert.deepEqual(receiver.datagrams, ['before', 'also before', 'after'])
      assert.deepEqual(
        sender.errors.map(({ code }) => code),
        ['EMSGSIZE'],
      )
      await sender.close()
      await receiver.close()
    }))

  it('[DATA-04] each datagram of several has its own error', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop)
      const sender = await endpoint(loop)
      const nowhere = { host: '255.255.255.255', port: 9 }
      // Broadcasting was not allowed: EACCES. Runs of one size to both.
      for (let index = 0; index < 30; index++) {
        sender.endpoint.sendto(`good ${index % 10}`, nameOf(receiver))
        if (index % 10 === 5) sender.endpoint.sendto('refused', nowhere)
      }
      await receiver.arrived(30)
      assert.deepEqual(
        receiver.datagrams,
        Array.from({ length: 30 }, (_, index) => `good ${index % 10}`),
      )
      await sender.until(() => sender.errors.length === 3)
      for (const error of sender.errors) assert.deepEqual([error.code, error.address], ['EACCES', '255.255.255.255'])
      await sender.close()
      await receiver.close()
    }))

  it('[DATA-05] [DATA-11] an unconnected endpoint goes on receiving after it sent to a closed port', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = await endpoint(loop)
      const peer = plainSocket(own)
      recorder.endpoint.sendto('nobody', closedPort())
      recorder.endpoint.sendto('somebody', peer.getsockname())
      assert.equal(await receive(loop, peer), 'somebody')
      peer.sendto('answer', nameOf(recorder))
      assert.deepEqual(await recorder.arrived(1), ['answer'])
      assert.equal(recorder.endpoint.isClosing(), false)
      await recorder.close()
    }))

  it('[DATA-06] what is no error of the system ends the endpoint', () =>
    withinLoop(async ({ loop, own, reports }) => {
      for (const call of ['sendmmsg', 'recvmmsg'] as const) {
        const sock = new Socket({ type: SOCK_DGRAM! })
        sock.bind(loopback)
        const broken = new Error('from nowhere')
        const fail = () => {
          throw broken
        }
        Object.defineProperty(sock, '_ops', { value: { ...(sock as never as { _ops: object })._ops, [call]: fail } })
        const recorder = await endpoint(loop, { sock })
        const name = nameOf(recorder)
        if (call === 'sendmmsg') recorder.endpoint.sendto('x', name)
        else plainSocket(own).sendto('x', name)
        assert.equal(await recorder.ended(), broken)
        assert.deepEqual(recorder.errors, [])
        const [report] = reports.splice(0)
        assert.match(report!.message, /^Fatal (read|write) error on datagram transport/)
        assert.equal(report!.exception, broken)
      }
    }))

  it('[PL-05] a system that is out of buffers is told to errorReceived, and the endpoint stays open', () =>
    withinLoop(async ({ loop, own }) => {
      const sock = new Socket({ type: SOCK_DGRAM! })
      sock.bind(loopback)
      const ops = (sock as never as { _ops: Record<string, (...args: never[]) => number> })._ops
      let refusals = 2
      const sendmmsg = (...args: never[]) => (refusals-- > 0 ? -constants['ENOBUFS']! : ops['sendmmsg']!(...args))
      Object.defineProperty(sock, '_ops', { value: { ...ops, sendmmsg } })
      const recorder = await endpoint(loop, { sock })
      const peer = plainSocket(own)
      for (const text of ['lost', 'lost too', 'there']) recorder.endpoint.sendto(text, peer.getsockname())
      assert.equal(await receive(loop, peer), 'there')
      assert.deepEqual(
        recorder.errors.map(({ code }) => code),
        ['ENOBUFS', 'ENOBUFS'],
      )
      assert.equal(recorder.endpoint.getWriteBufferSize(), 0)
      await recorder.close()
    }))

  it(
    '[DATA-07] close sends what is queued',
    { skip: process.platform !== 'linux' && 'fills a Unix socket, which blocks on Linux' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const [mine, peer] = socketpair({ type: SOCK_DGRAM! })
        own(peer)
        const recorder = await endpoint(loop, { sock: mine })
        const sent = await fill(recorder, Buffer.from('queued'))
        recorder.endpoint.sendto('last')
        recorder.endpoint.close()
        assert.equal(recorder.endpoint.isClosing(), true)
        for (let index = 0; index < sent; index++) assert.equal(await receive(loop, peer), 'queued')
        assert.equal(await receive(loop, peer), 'last')
        assert.equal(await recorder.ended(), null)
      }),
  )

  it('[DATA-07] close sends what was sent in the same pass', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop)
      const sender = await endpoint(loop, { remoteAddr: nameOf(receiver) })
      for (const text of ['1', '2', '3']) sender.endpoint.sendto(text)
      await sender.close()
      assert.deepEqual(await receiver.arrived(3), ['1', '2', '3'])
      await receiver.close()
    }))

  it(
    'abort drops what is queued',
    { skip: process.platform !== 'linux' && 'fills a Unix socket, which blocks on Linux' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const [mine, peer] = socketpair({ type: SOCK_DGRAM! })
        own(peer)
        const recorder = await endpoint(loop, { sock: mine })
        await fill(recorder, Buffer.from('x'))
        recorder.endpoint.abort()
        assert.equal(recorder.endpoint.getWriteBufferSize(), 0)
        assert.equal(await recorder.ended(), null)
        recorder.endpoint.sendto('too late')
      }),
  )

  it(
    '[DATA-08] the buffer counts the bytes and 8 for each datagram, and pauses the protocol',
    { skip: process.platform !== 'linux' && 'fills a Unix socket, which blocks on Linux' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const [mine, peer] = socketpair({ type: SOCK_DGRAM! })
        own(peer)
        const recorder = await endpoint(loop, { sock: mine })
        await fill(recorder, Buffer.alloc(100))
        const first = recorder.endpoint.getWriteBufferSize()
        assert.equal(first % 108, 0)
        recorder.endpoint.sendto(Buffer.alloc(92))
        assert.equal(recorder.endpoint.getWriteBufferSize(), first + 100)
        recorder.endpoint.sendto('')
        assert.equal(recorder.endpoint.getWriteBufferSize(), first + 108)
        recorder.endpoint.setWriteBufferLimits({ high: first + 200, low: first })
        assert.deepEqual(recorder.events, ['made'])
        recorder.endpoint.sendto(Buffer.alloc(200))
        recorder.endpoint.getWriteBufferSize()
        assert.deepEqual(recorder.events, ['made', 'pause'])
        while (recorder.events.at(-1) !== 'resume') {
          await receive(loop, peer)
          await sleep(0)
        }
        assert.ok(recorder.endpoint.getWriteBufferSize() <= first)
        recorder.endpoint.abort()
        await recorder.ended()
      }),
  )

  it(
    '[DATA-09] the queue drains in one event as far as there is room',
    { skip: process.platform !== 'linux' && 'fills a Unix socket, which blocks on Linux' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const [mine, peer] = socketpair({ type: SOCK_DGRAM! })
        own(peer)
        const recorder = await endpoint(loop, { sock: mine })
        const sent = await fill(recorder, Buffer.from('x'))
        const room = sent - recorder.endpoint.getWriteBufferSize() / 9
        for (let index = 0; index < 3; index++) recorder.endpoint.sendto('x')
        const queued = recorder.endpoint.getWriteBufferSize() / 9
        for (let index = 0; index < room; index++) peer.recv(10)
        let passes = 0
        for (; recorder.endpoint.getWriteBufferSize() / 9 === queued; passes++) await sleep(0)
        assert.equal(recorder.endpoint.getWriteBufferSize() / 9, Math.max(0, queued - room), `after ${passes} passes`)
        recorder.endpoint.abort()
        await recorder.ended()
      }),
  )

  it(
    'a full receiver of an unconnected Unix socket does not keep the loop busy',
    { skip: process.platform !== 'linux' && 'fills a Unix socket, which blocks on Linux' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const peer = plainSocket(own, `\0loop-full-${process.pid}`)
        const recorder = await endpoint(loop, { family: AF_UNIX! })
        const name = peer.getsockname()
        let sent = 0
        for (; recorder.endpoint.getWriteBufferSize() === 0; sent++) recorder.endpoint.sendto(String(sent), name)
        const transport = recorder.endpoint as unknown as { _drain(): void }
        const { _drain } = transport
        let attempts = 0
        transport._drain = () => {
          attempts++
          _drain.call(transport)
        }
        const start = loop.time()
        await sleep(200)
        const elapsed = loop.time() - start
        // One each millisecond at most; a loop that is kept busy makes tens in that time.
        assert.ok(attempts > 0 && attempts <= elapsed + 2, `${attempts} attempts in ${elapsed} ms`)
        for (let index = 0; index < sent; index++) assert.equal(await receive(loop, peer), String(index))
        await recorder.close()
      }),
  )

  it('what was sent before the loop is closed leaves', async () => {
    const peer = new Socket({ type: SOCK_DGRAM! })
    peer.bind(loopback)
    await withinLoop(async ({ loop }) => {
      const recorder = await endpoint(loop, { remoteAddr: peer.getsockname() as InetAddress })
      for (const text of ['1', '2', '3']) recorder.endpoint.sendto(text)
    })
    for (const text of ['1', '2', '3']) assert.equal(peer.recv(10).toString(), text)
    peer.close()
  })

  it(
    'where the kernel cannot cut runs up, the datagrams leave one by one',
    { skip: constants['UDP_SEGMENT'] === undefined && 'UDP_SEGMENT is Linux’s' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const peer = plainSocket(own)
        for (const connected of [false, true]) {
          const options = connected ? { remoteAddr: peer.getsockname() as InetAddress } : { localAddr: loopback }
          const sender = await endpoint(loop, options)
          // SO_NO_CHECK: without checksums there are no runs.
          sender.transport.getExtraInfo('socket')!.setsockopt('SOL_SOCKET', 11, true)
          for (let round = 0; round < 2; round++) {
            for (let index = 0; index < 20; index++)
              sender.endpoint.sendto(`datagram ${index % 10}`, connected ? null : peer.getsockname())
            for (let index = 0; index < 20; index++) assert.equal(await receive(loop, peer), `datagram ${index % 10}`)
          }
          assert.deepEqual(sender.errors, [])
          await sender.close()
        }
      }),
  )

  it('endpoints that send in turns do not mix up what they send', () =>
    withinLoop(async ({ loop, own }) => {
      const peers = [plainSocket(own), plainSocket(own)]
      const senders = []
      for (const peer of peers) senders.push(await endpoint(loop, { remoteAddr: peer.getsockname() as InetAddress }))
      for (let index = 0; index < 100; index++)
        for (const [which, sender] of senders.entries()) sender.endpoint.sendto(`${which}: ${index}`)
      for (let index = 0; index < 100; index++)
        for (const [which, peer] of peers.entries()) assert.equal(await receive(loop, peer), `${which}: ${index}`)
      for (const sender of senders) await sender.close()
    }))

  it('errorReceived may send, and throw', () =>
    withinLoop(async ({ loop, own, reports }) => {
      const peer = plainSocket(own)
      const recorder = new DatagramRecorder(loop)
      const noted = recorder.errorReceived
      recorder.errorReceived = (exc) => {
        noted.call(recorder, exc)
        recorder.endpoint.sendto(`error ${recorder.errors.length}`, peer.getsockname())
        throw new Error('from errorReceived')
      }
      await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      for (let index = 0; index < 3; index++) recorder.endpoint.sendto('x', { host: '255.255.255.255', port: 9 })
      for (let index = 1; index <= 3; index++) assert.equal(await receive(loop, peer), `error ${index}`)
      assert.deepEqual(
        reports.splice(0).map(({ message }) => message),
        new Array(3).fill('Exception in callback errorReceived'),
      )
      await recorder.close()
    }))
})

describe('datagram transports: receiving', () => {
  it('every datagram comes with its sender, whole and apart', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = await endpoint(loop)
      const peers = [plainSocket(own), plainSocket(own)]
      const name = nameOf(recorder)
      const texts = Array.from({ length: 100 }, (_, index) => String(index).repeat(index % 9))
      for (const [index, text] of texts.entries()) peers[index % 2]!.sendto(text, name)
      assert.deepEqual(await recorder.arrived(100), texts)
      for (const [index, sender] of recorder.senders.entries())
        assert.deepEqual(sender, peers[index % 2]!.getsockname())
      await recorder.close()
    }))

  it('received memory is the receiver’s own: what comes later does not change it', () =>
    withinLoop(async ({ loop, own }) => {
      const kept: Buffer[] = []
      const recorder = new DatagramRecorder(loop)
      const noted = recorder.datagramReceived
      recorder.datagramReceived = (data, addr) => {
        kept.push(data)
        noted.call(recorder, data, addr)
      }
      const [transport] = await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      const secret = await endpoint(loop)
      const peer = plainSocket(own)
      const sizes = [1, 10, 4096, 4097, 9000, 100, 30_000, 1]
      for (const [index, size] of sizes.entries()) {
        peer.sendto(Buffer.alloc(size, 97 + index), transport.getExtraInfo('sockname') as InetAddress)
        peer.sendto(Buffer.alloc(200, 'S'), nameOf(secret))
      }
      await recorder.arrived(sizes.length)
      await secret.arrived(sizes.length)
      for (const [index, size] of sizes.entries()) {
        assert.deepEqual(kept[index], Buffer.alloc(size, 97 + index))
        assert.equal(Buffer.from(kept[index]!.buffer).includes('SS'), false, 'others’ data can be seen')
      }
      await recorder.close()
      await secret.close()
    }))

  it('other work has its turn while datagrams pour in', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = await endpoint(loop)
      const peer = plainSocket(own)
      // Each datagram brings another, for ever.
      recorder.datagramReceived = () => void peer.sendto('again', name)
      const name = nameOf(recorder)
      for (let index = 0; index < 50; index++) peer.sendto('first', name)
      const order: string[] = []
      loop.callLater(20, () => order.push('timer'))
      setTimeout(() => order.push('host timer'), 20)
      while (order.length < 2) await sleep(1)
      await recorder.close()
    }))

  it('an exception of datagramReceived is reported, and the next datagrams come', () =>
    withinLoop(async ({ loop, own, reports }) => {
      const recorder = new DatagramRecorder(loop)
      const noted = recorder.datagramReceived
      recorder.datagramReceived = (data, addr) => {
        noted.call(recorder, data, addr)
        if (String(data) === 'bad') throw new Error('from datagramReceived')
      }
      await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      const peer = plainSocket(own)
      for (const text of ['good', 'bad', 'good', 'bad', 'good']) peer.sendto(text, nameOf(recorder))
      await recorder.arrived(5)
      assert.equal(recorder.endpoint.isClosing(), false)
      const [first, second, ...others] = reports.splice(0)
      assert.deepEqual(others, [])
      for (const report of [first, second]) {
        assert.equal(report!.exception?.message, 'from datagramReceived')
        assert.equal(report!.transport, recorder.transport)
        assert.equal(report!.protocol, recorder)
      }
      await recorder.close()
    }))

  it('nothing is delivered after close, not even of what came together', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new DatagramRecorder(loop)
      const noted = recorder.datagramReceived
      recorder.datagramReceived = (data, addr) => {
        noted.call(recorder, data, addr)
        recorder.transport.close()
      }
      await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      const peer = plainSocket(own)
      for (const text of ['1', '2', '3']) peer.sendto(text, nameOf(recorder))
      assert.equal(await recorder.ended(), null)
      assert.deepEqual(recorder.datagrams, ['1'])
    }))

  it('pauseReading holds back also what came together, and resumeReading brings it in order', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new DatagramRecorder(loop)
      const noted = recorder.datagramReceived
      recorder.datagramReceived = (data, addr) => {
        noted.call(recorder, data, addr)
        if (recorder.datagrams.length % 3 === 0) recorder.transport.pauseReading()
      }
      await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      const peer = plainSocket(own)
      const texts = Array.from({ length: 20 }, (_, index) => String(index))
      for (const text of texts) peer.sendto(text, nameOf(recorder))
      for (let expected = 3; expected < 20; expected += 3) {
        await recorder.arrived(expected)
        for (let pass = 0; pass < 5; pass++) await sleep(0)
        assert.equal(recorder.datagrams.length, expected)
        recorder.transport.resumeReading()
      }
      assert.deepEqual(await recorder.arrived(20), texts)
      await recorder.close()
    }))

  it('replies of one batch leave together, after its callbacks', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new DatagramRecorder(loop)
      recorder.datagramReceived = (data, addr) => recorder.endpoint.sendto(data, addr)
      await loop.createDatagramEndpoint(() => recorder, { localAddr: loopback })
      const peers = [plainSocket(own), plainSocket(own), plainSocket(own)]
      for (let round = 0; round < 50; round++)
        for (const [which, peer] of peers.entries()) peer.sendto(`${which}: ${round}`, nameOf(recorder))
      for (let round = 0; round < 50; round++)
        for (const [which, peer] of peers.entries()) assert.equal(await receive(loop, peer), `${which}: ${round}`)
      await recorder.close()
    }))

  it('a datagram of the largest size comes whole', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop)
      const sender = await endpoint(loop, { remoteAddr: nameOf(receiver) })
      const data = Buffer.alloc(65_507, 'abc')
      sender.endpoint.sendto(data)
      await receiver.arrived(1)
      assert.equal(receiver.datagrams[0], data.toString('latin1'))
      assert.deepEqual(sender.errors, [])
      await sender.close()
      await receiver.close()
    }))

  it('IPv6: senders come with everything that an answer needs', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop, { localAddr: { host: '::1', port: 0 } })
      const sender = await endpoint(loop, { localAddr: { host: '::1', port: 0 } })
      for (const text of ['1', '2']) sender.endpoint.sendto(text, nameOf(receiver))
      assert.deepEqual(await receiver.arrived(2), ['1', '2'])
      for (const address of receiver.senders) assert.deepEqual(address, nameOf(sender))
      receiver.endpoint.sendto('back', receiver.senders[0]!)
      assert.deepEqual(await sender.arrived(1), ['back'])
      await sender.close()
      await receiver.close()
    }))

  it(
    'packetInfo: where a datagram came in, how it was marked and when',
    { skip: !supports('packetInfo') && 'not told on Windows' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const recorder = await endpoint(loop, { localAddr: { host: '', port: 0 }, family: AF_INET!, packetInfo: true })
        const peer = plainSocket(own)
        peer.setsockopt('IPPROTO_IP', 'IP_TOS', 0x28)
        const before = Date.now()
        for (const host of ['127.0.0.1', '127.0.0.2']) peer.sendto('x', { host, port: nameOf(recorder).port })
        await recorder.arrived(2)
        const [first, second] = recorder.infos
        assert.deepEqual([first!.destination, second!.destination], ['127.0.0.1', '127.0.0.2'])
        for (const info of recorder.infos) {
          assert.equal(info!.tos, 0x28)
          assert.equal(info!.interface, 1)
          assert.equal(info!.dropped, process.platform === 'linux' ? 0 : undefined)
          const { timestamp } = info!
          assert.ok(timestamp! > before - 100 && timestamp! < Date.now() + 100, `${timestamp} beside ${before}`)
        }
        await recorder.close()
      }),
  )

  it(
    'packetInfo: how many datagrams were lost for want of room',
    { skip: process.platform !== 'linux' && 'SO_RXQ_OVFL is Linux’s' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const recorder = await endpoint(loop, { localAddr: loopback, packetInfo: true })
        const peer = plainSocket(own)
        const socket = recorder.transport.getExtraInfo('socket')!
        socket.setsockopt('SOL_SOCKET', 'SO_RCVBUF', 4096)
        for (let index = 0; index < 100; index++) peer.sendto(Buffer.alloc(1000), nameOf(recorder))
        await recorder.arrived(1)
        while (recorder.infos.at(-1)!.dropped === 0) {
          peer.sendto(Buffer.alloc(1000), nameOf(recorder))
          await recorder.arrived(recorder.datagrams.length + 1)
        }
        const received = recorder.datagrams.length
        assert.ok(recorder.infos.at(-1)!.dropped! <= 200 - received)
        await recorder.close()
      }),
  )

  it('packetInfo over IPv6', { skip: !supports('packetInfo') && 'not told on Windows' }, () =>
    withinLoop(async ({ loop }) => {
      const recorder = await endpoint(loop, { localAddr: { host: '::1', port: 0 }, packetInfo: true })
      recorder.endpoint.sendto('self', nameOf(recorder))
      await recorder.arrived(1)
      const [info] = recorder.infos
      assert.equal(info!.destination, '::1')
      assert.equal(info!.tos, 0)
      assert.ok(info!.timestamp! > 1e12)
      await recorder.close()
    }),
  )

  it('without packetInfo there is none', () =>
    withinLoop(async ({ loop }) => {
      const recorder = await endpoint(loop)
      recorder.endpoint.sendto('self', nameOf(recorder))
      await recorder.arrived(1)
      assert.deepEqual(recorder.infos, [undefined])
      await recorder.close()
    }))

  it(
    'datagrams that the system joined (UDP_GRO) come one by one',
    { skip: constants['UDP_GRO'] === undefined && 'UDP_GRO is Linux’s' },
    () =>
      withinLoop(async ({ loop }) => {
        const receiver = await endpoint(loop)
        receiver.transport.getExtraInfo('socket')!.setsockopt('IPPROTO_UDP', 'UDP_GRO', true)
        const sender = await endpoint(loop, { remoteAddr: nameOf(receiver) })
        const texts = Array.from({ length: 200 }, (_, index) => String(index).padStart(index % 40 === 39 ? 30 : 100))
        for (const text of texts) sender.endpoint.sendto(text)
        assert.deepEqual(await receiver.arrived(200), texts)
        await sender.close()
        await receiver.close()
      }),
  )
})

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
