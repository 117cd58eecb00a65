import { closeSync, openSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import {
  BlockingIOError,
  constants,
  NotImplementedError,
  Socket,
  type SystemError,
  socketpair,
} from '../../src/index.js'

const open: Socket[] = []

afterEach(() => {
  for (const socket of open.splice(0)) socket.close()
})

function keep<T extends Socket[]>(...sockets: T): T {
  open.push(...sockets)
  return sockets
}

const pair = () => keep(...socketpair())

function errorOf(act: () => unknown): SystemError {
  try {
    act()
  } catch (error) {
    return error as SystemError
  }
  throw new Error('nothing was thrown')
}

describe('Socket', () => {
  it('is a TCP socket over IPv4 unless told otherwise', () => {
    const [socket] = keep(new Socket())
    expect([socket.family, socket.type, socket.proto]).toEqual([constants['AF_INET'], constants['SOCK_STREAM'], 0])
    expect(socket.fileno()).toBeGreaterThan(2)
  })

  it('closes once, and has no number afterwards', () => {
    const socket = new Socket()
    socket.close()
    socket.close()
    expect(socket.fileno()).toBe(-1)
    expect(errorOf(() => socket.recv(1))).toMatchObject({ code: 'EBADF' })
    expect(errorOf(() => socket.getsockname())).toMatchObject({ code: 'EBADF' })
  })

  it('detaches its descriptor, which another socket can take over with all that it is', () => {
    const [a, b] = pair()
    const fileno = a.detach()
    expect(a.fileno()).toBe(-1)
    const [again] = keep(new Socket({ fileno }))
    expect([again.family, again.type]).toEqual([constants['AF_UNIX'], constants['SOCK_STREAM']])
    again.send('over')
    expect(b.recv(10).toString()).toBe('over')
  })

  it('takes over sockets only', () => {
    const fileno = openSync('/dev/null', 'r')
    try {
      expect(errorOf(() => new Socket({ fileno }))).toMatchObject({ code: 'ENOTSOCK' })
    } finally {
      closeSync(fileno)
    }
    expect(() => new Socket({ fileno: -1 })).toThrow(RangeError)
    expect(() => new Socket({ fileno: 'x' as never })).toThrow(TypeError)
  })

  it('moves bytes, and throws BlockingIOError where it would have to wait', () => {
    const [a, b] = pair()
    const error = errorOf(() => a.recv(10))
    expect(error).toBeInstanceOf(BlockingIOError)
    expect(error).toMatchObject({ code: 'EAGAIN', syscall: 'recv' })
    expect(a.send('héllo')).toBe(6)
    expect(b.recv(3)).toEqual(Buffer.from('hé'))
    const into = new Uint8Array(8)
    expect(b.recvInto(into)).toBe(3)
    expect(Buffer.from(into).toString()).toBe('llo\0\0\0\0\0')
    a.close()
    expect(b.recv(10).length).toBe(0)
  })

  it('gives received bytes that nobody else writes to', () => {
    const [a, b] = pair()
    a.send('first')
    const first = b.recv(100)
    a.send('other')
    const other = b.recv(100)
    expect([first.toString(), other.toString()]).toEqual(['first', 'other'])
  })

  it('receives into the memory it was given, and no more than that', () => {
    const [a, b] = pair()
    expect(() => b.recvInto(new Uint8Array(2), 3)).toThrow(RangeError)
    a.send('abc')
    expect(b.recvInto(new Uint8Array(8), 2)).toBe(2)
  })

  it('tells the addresses of both ends', () => {
    const [listener, client] = keep(new Socket(), new Socket())
    listener.bind({ host: '127.0.0.1', port: 0 })
    listener.listen()
    const address = listener.getsockname() as { host: string; port: number }
    expect(address).toMatchObject({ host: '127.0.0.1', family: 'IPv4' })
    expect(address.port).toBeGreaterThan(0)
    expect(errorOf(() => client.connect(address))).toMatchObject({ code: 'EINPROGRESS' })
    expect(errorOf(() => listener.getpeername())).toMatchObject({ code: 'ENOTCONN' })
  })

  it('accepts a connection with its peer', () => {
    const path = `\0loop-test-${process.pid}-accept`
    const unix = { family: constants['AF_UNIX']! }
    const [listener, client] = keep(new Socket(unix), new Socket(unix))
    listener.bind(path)
    listener.listen(1)
    expect(errorOf(() => listener.accept())).toBeInstanceOf(BlockingIOError)
    client.connect(path)
    const [connection, peer] = listener.accept()
    keep(connection)
    expect(peer).toBeNull()
    expect(connection.getsockname()).toBe(path)
    client.send('hi')
    expect(connection.recv(5).toString()).toBe('hi')
  })

  it('sends datagrams to addresses and tells their senders', () => {
    const type = constants['SOCK_DGRAM']!
    const [a, b] = keep(new Socket({ type }), new Socket({ type }))
    for (const socket of [a, b]) socket.bind({ host: '127.0.0.1', port: 0 })
    expect(a.sendto('ping', b.getsockname())).toBe(4)
    expect(b.recvfrom(100)).toEqual([Buffer.from('ping'), a.getsockname()])
    b.sendto('pong', a.getsockname())
    const buffer = new Uint8Array(10)
    expect(a.recvfromInto(buffer)).toEqual([4, b.getsockname()])
  })

  it('shuts one half down', () => {
    const [a, b] = pair()
    a.shutdown(constants['SHUT_WR']!)
    expect(b.recv(1).length).toBe(0)
    b.send('still')
    expect(a.recv(10).toString()).toBe('still')
    b.shutdown('SHUT_RDWR')
    expect(() => a.shutdown('SHUT_SIDEWAYS')).toThrow(RangeError)
  })

  it('duplicates its descriptor', () => {
    const [a, b] = pair()
    const [copy] = keep(a.dup())
    a.close()
    copy.send('x')
    expect(b.recv(1).toString()).toBe('x')
  })

  it('refuses to block, and says what to use instead', () => {
    const [a] = pair()
    a.setBlocking(false)
    const error = errorOf(() => a.setBlocking(true))
    expect(error).toBeInstanceOf(NotImplementedError)
    expect(error.message).toContain('sockRecv')
  })

  it('names the address that an error is about', () => {
    const [a, b] = keep(new Socket(), new Socket())
    a.bind({ host: '127.0.0.1', port: 0 })
    const { port } = a.getsockname() as { port: number }
    a.listen()
    const error = errorOf(() => b.bind({ host: '127.0.0.1', port }))
    expect(error).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind', address: '127.0.0.1', port })
  })

  it('names the limit of a path that is too long', () => {
    const [socket] = keep(new Socket({ family: constants['AF_UNIX']! }))
    const error = errorOf(() => socket.bind(join(tmpdir(), 'x'.repeat(200))))
    expect(error).toMatchObject({ code: 'ENAMETOOLONG' })
    expect(error.message).toMatch(/at most 10[37] bytes/)
  })

  it.each([
    ['a host name', { host: 'localhost', port: 1 }, RangeError],
    ['an IPv6 host', { host: '::1', port: 1 }, RangeError],
    ['a negative port', { host: '127.0.0.1', port: -1 }, RangeError],
    ['a port beyond 65535', { host: '127.0.0.1', port: 65536 }, RangeError],
    ['a fractional port', { host: '127.0.0.1', port: 1.5 }, RangeError],
    ['a port in words', { host: '127.0.0.1', port: '80' }, TypeError],
    ['no host', { port: 80 }, TypeError],
    ['a path', '/tmp/x', TypeError],
    ['null', null, TypeError],
  ])('rejects %s as an address of IPv4 at the call', (_what, address, type) => {
    const [socket] = keep(new Socket())
    for (const act of [() => socket.bind(address as never), () => socket.connect(address as never)]) {
      expect(act).toThrow(type)
    }
  })

  it.each<[string, (socket: Socket) => unknown, new () => Error]>([
    ['a write of a number', (s) => s.send(42 as never), TypeError],
    ['a negative size', (s) => s.recv(-1), RangeError],
    ['a size of NaN', (s) => s.recv(Number.NaN), RangeError],
    ['a size in words', (s) => s.recv('1' as never), TypeError],
    ['an array as a buffer', (s) => s.recvInto([1] as never), TypeError],
    ['flags in words', (s) => s.send('x', 'MSG_OOB' as never), TypeError],
    ['a backlog in words', (s) => s.listen('5' as never), TypeError],
    ['a level that does not exist', (s) => s.setsockopt('SOL_NOTHING', 1, 1), RangeError],
    ['an option without a value', (s) => s.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', undefined as never), TypeError],
    ['a value beyond 32 bits', (s) => s.setsockopt('SOL_SOCKET', 'SO_SNDBUF', 2 ** 40), RangeError],
    ['a negative length', (s) => s.getsockopt('SOL_SOCKET', 'SO_SNDBUF', -1), RangeError],
    ['messages that are no array', (s) => s.sendmsg('x' as never), TypeError],
    ['ancillary data of a wrong shape', (s) => s.sendmsg(['x'], [1] as never), TypeError],
  ])('rejects %s at the call', (_what, act, type) => {
    const [a] = pair()
    expect(() => act(a)).toThrow(type)
  })

  it('rejects kinds of sockets that do not exist', () => {
    expect(() => new Socket({ family: 'inet' as never })).toThrow(TypeError)
    expect(() => new Socket({ type: 1.5 })).toThrow(RangeError)
    expect(errorOf(() => new Socket({ family: 9999 })).code).toBe('EAFNOSUPPORT')
  })
})

describe('options', () => {
  it('are set and read by number and by name', () => {
    const [socket] = keep(new Socket())
    socket.setsockopt(constants['SOL_SOCKET']!, 'SO_KEEPALIVE', true)
    expect(socket.getsockopt('SOL_SOCKET', constants['SO_KEEPALIVE']!)).toBe(1)
    socket.setsockopt('SOL_SOCKET', 'SO_KEEPALIVE', 0)
    expect(socket.getsockopt('SOL_SOCKET', 'SO_KEEPALIVE')).toBe(0)
    socket.setsockopt('IPPROTO_TCP', 'TCP_NODELAY', 1)
    expect(socket.getsockopt('IPPROTO_TCP', 'TCP_NODELAY')).toBe(1)
  })

  it('that are structures are bytes', () => {
    const [socket] = keep(new Socket())
    const linger = Buffer.from(Int32Array.of(1, 7).buffer)
    socket.setsockopt('SOL_SOCKET', 'SO_LINGER', linger)
    expect(socket.getsockopt('SOL_SOCKET', 'SO_LINGER', 8)).toEqual(linger)
  })

  it('that the system refuses are its error', () => {
    const [socket] = keep(new Socket())
    expect(errorOf(() => socket.setsockopt('SOL_SOCKET', 99999, 1))).toMatchObject({
      code: 'ENOPROTOOPT',
      syscall: 'setsockopt',
    })
  })
})

describe('passing descriptors', () => {
  it('hands a descriptor over with sendmsg and recvmsg (SCM_RIGHTS)', () => {
    const [a, b] = pair()
    const [inner, other] = pair()
    const rights = { level: constants['SOL_SOCKET']!, type: constants['SCM_RIGHTS']! }
    const data = new Uint8Array(Int32Array.of(inner.fileno()).buffer)
    expect(a.sendmsg(['take ', Buffer.from('it')], [{ ...rights, data }])).toBe(7)
    inner.close()
    const message = b.recvmsg(100, 64)
    expect(message.data.toString()).toBe('take it')
    expect(message.address).toBeNull()
    expect(message.flags & constants['MSG_CTRUNC']!).toBe(0)
    const [received] = message.ancillary
    expect(received).toMatchObject(rights)
    const [handed] = keep(new Socket({ fileno: received!.data.readInt32LE(0) }))
    handed.send('alive')
    expect(other.recv(10).toString()).toBe('alive')
  })

  it('says when there was no room for all of it', () => {
    const [a, b] = pair()
    a.sendmsg(
      ['x'],
      [
        {
          level: constants['SOL_SOCKET']!,
          type: constants['SCM_RIGHTS']!,
          data: new Uint8Array(Int32Array.of(a.fileno()).buffer),
        },
      ],
    )
    const message = b.recvmsg(10)
    expect(message.ancillary).toEqual([])
    expect(message.flags & constants['MSG_CTRUNC']!).not.toBe(0)
  })
})

describe('constants', () => {
  it('are the numbers of the platform, and cannot be changed', () => {
    expect(Object.keys(constants)).toEqual(expect.arrayContaining(['AF_INET', 'SOCK_STREAM', 'EAGAIN']))
    expect('AF_INET' in constants).toBe(true)
    expect(constants['AF_NOWHERE']).toBeUndefined()
    expect(() => {
      ;(constants as Record<string, number>)['AF_INET'] = 1
    }).toThrow(TypeError)
  })
})
