import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  answer,
  constants as c,
  connection,
  listener,
  openDescriptors,
  opened,
  pair,
  READ,
  sockets,
  WRITE,
  waitFor,
} from './addon.mjs'

describe('socket, socketpair, dup', () => {
  it('are non-blocking and close-on-exec', async (t) => {
    const { readFileSync } = await import('node:fs')
    const [client, server] = connection(t)
    const copy = opened(t, sockets.dup(client))
    for (const fd of [client, server, copy, ...pair(t)]) {
      assert.equal(sockets.isNonblocking(fd), 1)
      const flags = Number.parseInt(/flags:\s*([0-7]+)/.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))[1], 8)
      assert.equal(flags & 0o2000000, 0o2000000, `descriptor ${fd} is inherited by children`)
    }
  })

  it('give the errors of the system as negative numbers', () => {
    assert.equal(sockets.socket(12345, c.SOCK_STREAM, 0), answer('EAFNOSUPPORT'))
    assert.equal(sockets.socket(c.AF_INET, c.SOCK_STREAM, c.IPPROTO_UDP), answer('EPROTONOSUPPORT'))
    assert.equal(sockets.dup(-1), answer('EBADF'))
    assert.equal(sockets.isNonblocking(-1), answer('EBADF'))
    assert.equal(sockets.setNonblocking(2 ** 31, true), answer('EBADF'))
  })

  it('setNonblocking goes both ways', (t) => {
    const [fd] = pair(t)
    assert.equal(sockets.setNonblocking(fd, false), 0)
    assert.equal(sockets.isNonblocking(fd), 0)
    assert.equal(sockets.setNonblocking(fd, true), 0)
    assert.equal(sockets.isNonblocking(fd), 1)
  })
})

describe('connect and accept', () => {
  for (const [name, family, host] of [
    ['IPv4', 'AF_INET', '127.0.0.1'],
    ['IPv6', 'AF_INET6', '::1'],
  ]) {
    it(`know the addresses of both ends over ${name}`, (t) => {
      const { fd, address } = listener(t, c[family], host)
      assert.equal(address.host, host)
      assert.equal(address.family, name)
      const client = opened(t, sockets.socket(c[family], c.SOCK_STREAM, 0))
      const started = sockets.connect(client, c[family], address)
      assert.ok(started === 0 || started === answer('EINPROGRESS'))
      waitFor(fd, READ)
      const server = opened(t, sockets.accept(fd))
      assert.deepEqual(sockets.getpeername(client), address)
      assert.deepEqual(sockets.getpeername(server), sockets.getsockname(client))
      assert.equal(sockets.accept(fd), answer('EAGAIN'))
    })
  }

  it('report a refused connection through SO_ERROR', (t) => {
    const other = opened(t, sockets.socket(c.AF_INET, c.SOCK_STREAM, 0))
    assert.equal(sockets.bind(other, c.AF_INET, { host: '127.0.0.1', port: 0 }), 0)
    const client = opened(t, sockets.socket(c.AF_INET, c.SOCK_STREAM, 0))
    // Bound but not listening, so nobody else can take the port and listen on it.
    const result = sockets.connect(client, c.AF_INET, sockets.getsockname(other))
    if (result === answer('EINPROGRESS')) {
      waitFor(client, WRITE)
      const value = Buffer.alloc(4)
      assert.equal(sockets.getsockopt(client, c.SOL_SOCKET, c.SO_ERROR, value), 4)
      assert.equal(value.readInt32LE(), c.ECONNREFUSED)
    } else {
      assert.equal(result, answer('ECONNREFUSED'))
    }
  })

  it('say EADDRINUSE for a port that is taken', (t) => {
    const { address } = listener(t)
    const second = opened(t, sockets.socket(c.AF_INET, c.SOCK_STREAM, 0))
    assert.equal(sockets.bind(second, c.AF_INET, address), answer('EADDRINUSE'))
  })
})

describe('shutdown and close', () => {
  it('shutdown sends an end and leaves the other direction open', (t) => {
    const [one, other] = connection(t)
    assert.equal(sockets.shutdown(one, c.SHUT_WR), 0)
    waitFor(other, READ)
    const buffer = Buffer.alloc(16)
    assert.equal(sockets.recv(other, buffer, 0, 16, 0), 0)
    assert.equal(sockets.send(other, Buffer.from('still'), 0, 5, 0), 5)
    waitFor(one, READ)
    assert.equal(sockets.recv(one, buffer, 0, 16, 0), 5)
  })

  it('a send without a peer is EPIPE and no signal', (t) => {
    const [one, other] = pair(t)
    assert.equal(sockets.shutdown(other, c.SHUT_RDWR), 0)
    const data = Buffer.from('x')
    assert.equal(sockets.send(one, data, 0, 1, 0), answer('EPIPE'))
    assert.equal(sockets.sendv(one, [data], 0, 0), answer('EPIPE'))
    assert.equal(sockets.sendmsg(one, [data], [], 0, c.AF_UNIX, null), answer('EPIPE'))
  })

  it('leave no descriptor behind', () => {
    const before = openDescriptors()
    const ends = new Int32Array(2)
    for (let round = 0; round < 2000; round++) {
      assert.equal(sockets.socketpair(c.AF_UNIX, c.SOCK_STREAM, 0, ends), 0)
      const copy = sockets.dup(ends[0])
      for (const fd of [copy, ...ends]) assert.equal(sockets.close(fd), 0)
      assert.equal(sockets.close(copy), answer('EBADF'))
    }
    assert.equal(openDescriptors(), before)
  })
})
