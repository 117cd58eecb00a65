// The loop's sock* methods on plain sockets.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  BlockingIOError,
  CancelledError,
  constants,
  gather,
  type InetAddress,
  Socket,
  sleep,
  socketpair,
} from '@loop/core'
import { readAll, readExactly, tcpPair } from './recorder.js'
import { type Ground, withinLoop } from './within_loop.js'

const { AF_INET, AF_UNIX, SOCK_DGRAM } = constants as Record<string, number>

const pair = ({ own }: Ground): [Socket, Socket] => {
  const [a, b] = socketpair()
  return [own(a), own(b)]
}

function listening({ own }: Ground): Socket {
  const socket = own(new Socket({ family: AF_INET }))
  socket.bind({ host: '127.0.0.1', port: 0 })
  socket.listen(10)
  return socket
}

function datagrams({ own }: Ground): Socket {
  const socket = own(new Socket({ family: AF_INET, type: SOCK_DGRAM }))
  socket.bind({ host: '127.0.0.1', port: 0 })
  return socket
}

function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let i = 0; i + 4 <= size; i += 4) bytes.writeUInt32LE(Math.imul(i, 2654435761) >>> 0, i)
  return bytes
}

describe('sock operations', () => {
  it('[SO-01] connect, sendall, recv', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const server = listening(ground)
      const client = own(new Socket({ family: AF_INET }))
      const accepted = loop.createTask(() => loop.sockAccept(server))
      await loop.sockConnect(client, server.getsockname())
      const [peer] = await accepted
      own(peer)
      await loop.sockSendall(client, 'question')
      assert.equal((await readExactly(loop, peer, 8)).toString(), 'question')
      await loop.sockSendall(peer, new Uint8Array([1, 2, 3]))
      assert.deepEqual([...(await readExactly(loop, client, 3))], [1, 2, 3])
      client.shutdown('SHUT_WR')
      assert.equal((await loop.sockRecv(peer, 10)).length, 0)
    }))

  it('[SO-02] accept gives a non-blocking socket and the address of the peer', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const server = listening(ground)
      const accepted = loop.createTask(() => loop.sockAccept(server))
      const client = own(new Socket({ family: AF_INET }))
      await loop.sockConnect(client, server.getsockname())
      const [peer, address] = await accepted
      own(peer)
      assert.deepEqual(address, client.getsockname())
      assert.equal((address as InetAddress).family, 'IPv4')
      assert.throws(() => peer.recv(1), BlockingIOError)
      assert.deepEqual([peer.family, peer.type], [server.family, server.type])
    }))

  it('[SO-03] a cancelled accept leaves no reader behind, and the next connection to the next accept', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const server = listening(ground)
      const accepting = loop.createTask(() => loop.sockAccept(server))
      await sleep(0)
      await sleep(0)
      accepting.cancel()
      await assert.rejects(accepting, CancelledError)
      // What takes the reader away is a done callback, which has had its turn by now.
      await sleep(0)
      assert.equal(loop.removeReader(server), false)
      const client = own(new Socket({ family: AF_INET }))
      await loop.sockConnect(client, server.getsockname())
      own((await loop.sockAccept(server))[0])
    }))

  it('[SO-04] a refused connection rejects with the address', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const server = listening(ground)
      const address = server.getsockname() as InetAddress
      server.close()
      const client = own(new Socket({ family: AF_INET }))
      await assert.rejects(loop.sockConnect(client, address), {
        code: 'ECONNREFUSED',
        syscall: 'connect',
        address: '127.0.0.1',
        port: address.port,
      })
    }))

  it('[SO-05] sendall transfers a large payload in full', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = await tcpPair(loop, ground.own as (socket: Socket) => Socket)
      const payload = pattern(20_000_000)
      const received = loop.createTask(() => readAll(loop, b))
      await loop.sockSendall(a, payload)
      a.close()
      assert.ok((await received).equals(payload))
    }))

  it('[SO-06] recvInto fills memory of the caller', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = pair(ground)
      const payload = pattern(3_000_000)
      const memory = new Uint8Array(payload.length)
      const sent = loop.createTask(() => loop.sockSendall(a, payload))
      for (let filled = 0; filled < memory.length; ) {
        const count = await loop.sockRecvInto(b, memory.subarray(filled, filled + 100_000))
        assert.ok(count > 0 && count <= 100_000)
        filled += count
      }
      await sent
      assert.ok(payload.equals(memory))
      a.close()
      assert.equal(await loop.sockRecvInto(b, memory), 0)
    }))

  it('[SO-07] datagrams: sendto, recvfrom, recvfromInto', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = [datagrams(ground), datagrams(ground)]
      const receiving = loop.createTask(() => loop.sockRecvfrom(b, 100))
      assert.equal(await loop.sockSendto(a, 'one', b.getsockname()), 3)
      const [data, address] = await receiving
      assert.deepEqual([data.toString(), address], ['one', a.getsockname()])
      const memory = Buffer.alloc(10, '.')
      await loop.sockSendto(a, 'two', b.getsockname())
      assert.deepEqual(await loop.sockRecvfromInto(b, memory), [3, a.getsockname()])
      assert.equal(memory.toString(), 'two.......')
      await loop.sockSendto(a, 'three', b.getsockname())
      assert.deepEqual(await loop.sockRecvfromInto(b, memory, 2), [2, a.getsockname()])
      await loop.sockSendto(a, '', b.getsockname())
      assert.equal((await loop.sockRecvfrom(b, 10))[0].length, 0)
    }))

  it('[SO-08] recvfromInto of more than the buffer holds is a RangeError', () =>
    withinLoop(async (ground) => {
      const socket = datagrams(ground)
      assert.throws(() => ground.loop.sockRecvfromInto(socket, Buffer.alloc(10), 11), RangeError)
    }))

  it(
    '[SO-09] a sendto that would block waits until there is room',
    { skip: process.platform === 'win32' && 'fills a Unix socket' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const folder = mkdtempSync(join(tmpdir(), 'loop-sendto-'))
        const path = join(folder, 'socket')
        try {
          const b = own(new Socket({ family: AF_UNIX, type: SOCK_DGRAM }))
          b.bind(path)
          const a = own(new Socket({ family: AF_UNIX, type: SOCK_DGRAM }))
          // Connected, because only then the kernel's idea of "writable" looks at the receiver's queue.
          a.connect(path)
          const message = Buffer.alloc(1000, 'm')
          let sent = 0
          try {
            for (; ; sent++) a.sendto(message, path)
          } catch (error) {
            assert.ok(error instanceof BlockingIOError)
          }
          const waiting = loop.createTask(() => loop.sockSendto(a, message, path))
          for (let i = 0; i < 5; i++) await sleep(0)
          assert.equal(waiting.done(), false)
          for (let i = 0; i < sent; i++) assert.equal((await loop.sockRecv(b, 2000)).length, 1000)
          assert.equal(await waiting, 1000)
          assert.equal((await loop.sockRecv(b, 2000)).length, 1000)
        } finally {
          rmSync(folder, { recursive: true })
        }
      }),
  )

  it('[SO-10] a cancelled recv and another one at once: no byte is lost', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = pair(ground)
      for (let round = 0; round < 100; round++) {
        const first = loop.createTask(() => loop.sockRecv(a, 10))
        await sleep(0)
        await sleep(0)
        const cancelLate = round % 2 === 0
        if (cancelLate) b.send(`x${round}`)
        first.cancel()
        const second = loop.createTask(() => loop.sockRecv(a, 10))
        if (!cancelLate) b.send(`x${round}`)
        const results = await gather([first, second], { returnExceptions: true })
        const received = results.filter((result) => Buffer.isBuffer(result)).map(String)
        assert.deepEqual(received, [`x${round}`])
      }
    }))

  it('[SO-10] a signal ends a recv; the bytes go to the next', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = pair(ground)
      const abort = new AbortController()
      const receiving = loop.sockRecv(a, 10, { signal: abort.signal })
      loop.callSoon(() => {
        b.send('kept')
        abort.abort()
      })
      await assert.rejects(receiving, CancelledError)
      assert.equal((await loop.sockRecv(a, 10)).toString(), 'kept')
      await assert.rejects(loop.sockRecv(a, 10, { signal: abort.signal }), CancelledError)
    }))

  it(
    '[SO-11] there are no blocking sockets to reject: setBlocking(true) is refused with the reason',
    { skip: process.platform === 'win32' && 'Windows does not tell whether a socket blocks' },
    () =>
      withinLoop(async (ground) => {
        ground.loop.setDebug(true)
        const [a, b] = pair(ground)
        assert.throws(() => a.setBlocking(true))
        // Made blocking behind our back, through the same descriptor.
        a._ops.setNonblocking(a.fileno(), false)
        assert.throws(() => ground.loop.sockRecv(a, 10), { name: 'RangeError', message: /non-blocking/ })
        assert.throws(() => ground.loop.sockSendall(a, 'x'), RangeError)
        assert.throws(() => ground.loop.sockAccept(a), RangeError)
        assert.throws(() => ground.loop.sockConnect(a, 'x'), RangeError)
        a._ops.setNonblocking(a.fileno(), true)
        await ground.loop.sockSendall(a, 'x')
        assert.equal((await ground.loop.sockRecv(b, 1)).toString(), 'x')
      }),
  )

  it('[SO-12] a second recv takes the place of the first, which never ends', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = pair(ground)
      const first = loop.createTask(() => loop.sockRecv(a, 10))
      await sleep(0)
      await sleep(0)
      const second = loop.createTask(() => loop.sockRecv(a, 10))
      await sleep(0)
      await sleep(0)
      b.send('data')
      assert.equal((await second).toString(), 'data')
      assert.equal(first.done(), false)
      first.cancel()
      await assert.rejects(first, CancelledError)
    }))

  it("[SO-13] connect resolves a host name by the socket's own family", () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const server = listening(ground)
      const { port } = server.getsockname() as InetAddress
      const client = own(new Socket({ family: AF_INET }))
      await loop.sockConnect(client, { host: 'localhost', port })
      const [peer, address] = await loop.sockAccept(server)
      own(peer)
      assert.equal((address as InetAddress).host, '127.0.0.1')
    }))

  it('wrong arguments are refused at the call', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a] = pair(ground)
      assert.throws(() => loop.sockRecv({} as never, 10), TypeError)
      assert.throws(() => loop.sockRecv(a, -1), RangeError)
      assert.throws(() => loop.sockRecv(a, '10' as never), TypeError)
      assert.throws(() => loop.sockRecvInto(a, 'memory' as never), TypeError)
      assert.throws(() => loop.sockSendall(a, 7 as never), TypeError)
      assert.throws(() => loop.sockSendto(datagrams(ground), 'x', 7 as never), TypeError)
      a.close()
      await assert.rejects(loop.sockRecv(a, 10), { code: 'EBADF' })
    }))
})
