import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CancelledError, constants, SelectorEventLoop, Socket, sleep, socketpair, type Task } from '../../src/index.js'

let loop: SelectorEventLoop
let open: Socket[]

beforeEach(() => {
  loop = new SelectorEventLoop()
  open = []
})

afterEach(() => {
  for (const socket of open) socket.close()
  if (!loop.isClosed()) loop.close()
})

function keep<T extends Socket[]>(...sockets: T): T {
  open.push(...sockets)
  return sockets
}

const pair = (type?: number) => keep(...socketpair({ type }))

function listening(): [Socket, { host: string; port: number }] {
  const [socket] = keep(new Socket())
  socket.bind({ host: '127.0.0.1', port: 0 })
  socket.listen()
  return [socket, socket.getsockname() as { host: string; port: number }]
}

/** Runs a task up to where it waits. In an array, because a promise of a task would be one of its result. */
async function waiting<T>(body: () => Promise<T>): Promise<[Task<T>]> {
  const task = loop.createTask(body)
  await sleep(0)
  await sleep(0)
  return [task]
}

async function receive(sock: Socket, size: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let left = size; left > 0; ) {
    const chunk = await loop.sockRecv(sock, Math.min(left, 65536))
    if (chunk.length === 0) break
    chunks.push(chunk)
    left -= chunk.length
  }
  return Buffer.concat(chunks)
}

describe('sock operations', () => {
  it('[SO-01] connect, sendall and recv make a round trip', () =>
    loop.runUntilComplete(async () => {
      const [listener, address] = listening()
      const [client] = keep(new Socket())
      const accepting = loop.createTask(() => loop.sockAccept(listener))
      await loop.sockConnect(client, address)
      const [connection] = await accepting
      keep(connection)
      await loop.sockSendall(client, 'ping')
      expect((await loop.sockRecv(connection, 100)).toString()).toBe('ping')
      await loop.sockSendall(connection, Buffer.from('pong'))
      expect((await loop.sockRecv(client, 100)).toString()).toBe('pong')
      connection.close()
      expect((await loop.sockRecv(client, 100)).length).toBe(0)
    }))

  it('[SO-02] accept gives a non-blocking socket and the address of its peer', () =>
    loop.runUntilComplete(async () => {
      const [listener, address] = listening()
      const [client] = keep(new Socket())
      await loop.sockConnect(client, address)
      const [connection, peer] = await loop.sockAccept(listener)
      keep(connection)
      expect(peer).toEqual(client.getsockname())
      expect(connection._ops.isNonblocking(connection.fileno())).toBe(1)
      expect(connection.type).toBe(constants['SOCK_STREAM'])
    }))

  it('[SO-03] a cancelled accept leaves no reader behind', () =>
    loop.runUntilComplete(async () => {
      const [listener, address] = listening()
      const [task] = await waiting(() => loop.sockAccept(listener))
      task.cancel()
      await expect(task).rejects.toThrow(CancelledError)
      expect(loop.removeReader(listener)).toBe(false)
      const [client] = keep(new Socket())
      await loop.sockConnect(client, address)
      keep((await loop.sockAccept(listener))[0])
    }))

  it('[SO-04] a refused connection rejects with the error and its address', () =>
    loop.runUntilComplete(async () => {
      const [listener, address] = listening()
      listener.close()
      const [client] = keep(new Socket())
      await expect(loop.sockConnect(client, address)).rejects.toMatchObject({
        code: 'ECONNREFUSED',
        syscall: 'connect',
        address: '127.0.0.1',
        port: address.port,
      })
    }))

  it('[SO-05] sendall transfers large payloads in full', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const data = randomBytes(8 * 1024 * 1024)
      const sending = loop.createTask(() => loop.sockSendall(a, data))
      expect((await receive(b, data.length)).equals(data)).toBe(true)
      await sending
    }))

  it('[SO-06] recvInto fills the memory it was given', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const buffer = new Uint8Array(8)
      const [task] = await waiting(() => loop.sockRecvInto(b, buffer.subarray(2)))
      await loop.sockSendall(a, 'abc')
      expect(await task).toBe(3)
      expect([...buffer]).toEqual([0, 0, 97, 98, 99, 0, 0, 0])
    }))

  it('[SO-07] recvfrom, recvfromInto and sendto carry datagrams and their addresses', () =>
    loop.runUntilComplete(async () => {
      const type = constants['SOCK_DGRAM']!
      const [a, b] = keep(new Socket({ type }), new Socket({ type }))
      for (const socket of [a, b]) socket.bind({ host: '127.0.0.1', port: 0 })
      const [task] = await waiting(() => loop.sockRecvfrom(b, 100))
      expect(await loop.sockSendto(a, 'one', b.getsockname())).toBe(3)
      expect(await task).toEqual([Buffer.from('one'), a.getsockname()])
      const { port } = a.getsockname() as { port: number }
      await loop.sockSendto(b, 'two', { host: 'localhost', port })
      const buffer = new Uint8Array(4)
      expect(await loop.sockRecvfromInto(a, buffer)).toEqual([3, b.getsockname()])
      await loop.sockSendto(b, 'three', a.getsockname())
      expect((await loop.sockRecvfromInto(a, buffer, 2))[0]).toBe(2)
    }))

  it('[SO-08] recvfromInto of more than the buffer holds is a RangeError at the call', () => {
    const [a] = pair(constants['SOCK_DGRAM'])
    expect(() => loop.sockRecvfromInto(a, new Uint8Array(4), 5)).toThrow(RangeError)
  })

  it('[SO-09] a sendto that would block waits until the socket can be written', () =>
    loop.runUntilComplete(async () => {
      const type = constants['SOCK_DGRAM']!
      const family = constants['AF_UNIX']!
      const [a, b] = keep(new Socket({ family, type }), new Socket({ family, type }))
      b.bind(`\0loop-test-${process.pid}-sendto`)
      a.connect(b.getsockname())
      let sent = 0
      for (;;) {
        const [task] = await waiting(() => loop.sockSendto(a, `${sent}`, b.getsockname()))
        if (!task.done()) {
          for (let i = 0; i < sent; i++) expect((await loop.sockRecv(b, 100)).toString()).toBe(`${i}`)
          await task
          expect((await loop.sockRecv(b, 100)).toString()).toBe(`${sent}`)
          return
        }
        sent++
      }
    }))

  it('[SO-10] a cancelled recv followed at once by another loses neither the registration nor data', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const [first] = await waiting(() => loop.sockRecv(b, 100))
      first.cancel()
      const second = loop.createTask(() => loop.sockRecv(b, 100))
      await expect(first).rejects.toThrow(CancelledError)
      a.send('kept')
      expect((await second).toString()).toBe('kept')
    }))

  it('[SO-10] a recv that is cancelled when its data has arrived leaves it to the next', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const [task] = await waiting(() => loop.sockRecv(b, 100))
      const [c, d] = pair()
      // Both events are found by the same poll: the task is cancelled when it was woken and has not gone on yet.
      loop.addReader(d, () => {
        loop.removeReader(d)
        task.cancel()
      })
      a.send('kept')
      c.send('x')
      await expect(task).rejects.toThrow(CancelledError)
      expect((await loop.sockRecv(b, 100)).toString()).toBe('kept')
    }))

  it('[SO-11] debug mode rejects a socket that was made blocking', () => {
    const [a] = pair()
    a._ops.setNonblocking(a.fileno(), false)
    loop.setDebug(true)
    expect(() => loop.sockRecv(a, 1)).toThrow(/must be non-blocking/)
    expect(() => loop.sockSendall(a, 'x')).toThrow(RangeError)
    expect(() => loop.sockAccept(a)).toThrow(RangeError)
    expect(() => loop.sockConnect(a, '/x')).toThrow(RangeError)
  })

  it('[SO-12] a second recv on a socket takes the place of the first, which never completes', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const [first] = await waiting(() => loop.sockRecv(b, 100))
      const [second] = await waiting(() => loop.sockRecv(b, 100))
      a.send('data')
      expect((await second).toString()).toBe('data')
      a.send('more')
      await sleep(0)
      await sleep(0)
      expect(first.done()).toBe(false)
      first.cancel()
      await expect(first).rejects.toThrow(CancelledError)
      expect(b.recv(100).toString()).toBe('more')
    }))

  it("[SO-13] connect resolves a host name with the socket's own parameters", () =>
    loop.runUntilComplete(async () => {
      const [listener, { port }] = listening()
      const resolve = vi.spyOn(loop, 'getaddrinfo')
      const [client] = keep(new Socket({ proto: constants['IPPROTO_TCP']! }))
      await loop.sockConnect(client, { host: 'localhost', port })
      expect(resolve.mock.calls[0]).toMatchObject([
        'localhost',
        port,
        { family: constants['AF_INET'], type: constants['SOCK_STREAM'], proto: constants['IPPROTO_TCP'] },
      ])
      keep((await loop.sockAccept(listener))[0])
      const [other] = keep(new Socket())
      await expect(loop.sockConnect(other, { host: 'no-such-host.invalid', port })).rejects.toMatchObject({
        syscall: 'getaddrinfo',
      })
    }))

  it('connects a Unix socket', () =>
    loop.runUntilComplete(async () => {
      const path = `\0loop-test-${process.pid}-connect`
      const family = constants['AF_UNIX']!
      const [listener, client] = keep(new Socket({ family }), new Socket({ family }))
      await expect(loop.sockConnect(client, path)).rejects.toMatchObject({ code: 'ECONNREFUSED', path })
      listener.bind(path)
      listener.listen()
      await loop.sockConnect(client, path)
      expect(client.getpeername()).toBe(path)
    }))

  it('a signal ends the wait', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const controller = new AbortController()
      const receiving = loop.sockRecv(b, 10, { signal: controller.signal })
      controller.abort(new Error('enough'))
      await expect(receiving).rejects.toMatchObject({ name: 'CancelledError', code: 'ABORT_ERR' })
      await expect(loop.sockRecv(b, 10, { signal: controller.signal })).rejects.toThrow(CancelledError)
      a.send('later')
      expect((await loop.sockRecv(b, 10)).toString()).toBe('later')
    }))

  it.each<[string, (sock: Socket) => unknown]>([
    ['a number as a socket', () => loop.sockRecv(3 as never, 1)],
    ['null as a socket', () => loop.sockAccept(null as never)],
    ['a write of a number', (sock) => loop.sockSendall(sock, 42 as never)],
    ['an array to receive into', (sock) => loop.sockRecvInto(sock, [] as never)],
    ['a size in words', (sock) => loop.sockRecv(sock, '1' as never)],
    ['an address without a port', () => loop.sockConnect(keep(new Socket())[0], { host: 'x' } as never)],
    ['a file that is none', (sock) => loop.sockSendfile(sock, {} as never)],
  ])('rejects %s with a TypeError at the call', (_what, act) => {
    const [a] = pair()
    expect(() => act(a)).toThrow(TypeError)
  })

  it('rejects bad numbers with a RangeError at the call', () => {
    const [a] = pair()
    expect(() => loop.sockRecv(a, -1)).toThrow(RangeError)
    expect(() => loop.sockConnect(keep(new Socket())[0], { host: '127.0.0.1', port: -5 })).toThrow(RangeError)
  })

  it('a closed socket and a closed loop reject', async () => {
    const [a] = pair()
    a.close()
    await expect(loop.sockRecv(a, 1)).rejects.toMatchObject({ code: 'EBADF' })
    loop.close()
    const [b] = pair()
    await expect(loop.sockRecv(b, 1)).rejects.toMatchObject({ code: 'ERR_LOOP_CLOSED' })
  })
})
