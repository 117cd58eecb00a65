import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answer, backend, constants as c, listener, opened, pair, sockets } from './addon.mjs'

const int = (value) => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

describe('getsockopt and setsockopt', () => {
  it('take any option by number', (t) => {
    const fd = opened(t, sockets.socket(c.AF_INET, c.SOCK_STREAM, 0))
    for (const [level, name, value] of [
      [c.SOL_SOCKET, c.SO_KEEPALIVE, 1],
      [c.IPPROTO_TCP, c.TCP_NODELAY, 1],
      [c.IPPROTO_TCP, c.TCP_KEEPIDLE, 77],
      [c.IPPROTO_TCP, c.TCP_USER_TIMEOUT, 12345],
    ]) {
      assert.equal(sockets.setsockopt(fd, level, name, int(value)), 0)
      const read = Buffer.alloc(4)
      assert.equal(sockets.getsockopt(fd, level, name, read), 4)
      assert.equal(read.readInt32LE(), value)
    }
  })

  it('give structures with their length', (t) => {
    const { fd } = listener(t)
    const info = Buffer.alloc(512)
    const length = sockets.getsockopt(fd, c.IPPROTO_TCP, c.TCP_INFO, info)
    assert.ok(length > 100 && length < 512)
    assert.equal(info[0], 10, 'the state is TCP_LISTEN')
    const peer = Buffer.alloc(12)
    assert.equal(sockets.getsockopt(pair(t)[0], c.SOL_SOCKET, c.SO_PEERCRED, peer), 12)
    assert.equal(peer.readInt32LE(), process.pid)
  })

  it('give the errors of the system', (t) => {
    const fd = opened(t, sockets.socket(c.AF_INET, c.SOCK_STREAM, 0))
    assert.equal(sockets.getsockopt(fd, c.SOL_SOCKET, 9999, Buffer.alloc(4)), answer('ENOPROTOOPT'))
    assert.equal(sockets.setsockopt(fd, c.IPPROTO_TCP, c.TCP_NODELAY, new Uint8Array(0)), answer('EINVAL'))
    assert.equal(sockets.setsockopt(-1, 0, 0, int(1)), answer('EBADF'))
  })
})

describe('constants', () => {
  it('have the numbers of this system and cannot be changed', () => {
    assert.equal(c.AF_INET, 2)
    assert.equal(c.EAGAIN, 11)
    assert.equal(c.EWOULDBLOCK, c.EAGAIN)
    assert.equal(c.SOMAXCONN, 4096)
    assert.equal(c.VMADDR_CID_ANY, 2 ** 32 - 1)
    assert.ok(Object.isFrozen(c))
    for (const [name, value] of Object.entries(c)) assert.ok(Number.isSafeInteger(value), name)
  })

  it("agree with the host's own errno numbers", async () => {
    const { constants: host } = await import('node:os')
    for (const [name, value] of Object.entries(host.errno)) assert.equal(c[name] ?? value, value, name)
  })
})

describe('services and interfaces', () => {
  it('are found both ways where the system lists them', () => {
    const port = sockets.getservbyname('http', 'tcp')
    if (port > 0) {
      assert.equal(port, 80)
      assert.equal(sockets.getservbyport(80, 'tcp'), 'http')
    } else {
      // A system without /etc/services knows none.
      assert.equal(port, answer('ENOENT'))
      assert.equal(sockets.getservbyport(80, 'tcp'), null)
    }
    assert.equal(sockets.getservbyname('no-such-service', ''), answer('ENOENT'))
    assert.equal(sockets.getservbyport(1, 'no-such-protocol'), null)
    assert.throws(() => sockets.getservbyport(65536, ''), RangeError)
  })

  it('interfaces have numbers', () => {
    assert.ok(sockets.ifNameToIndex('lo') > 0)
    assert.equal(sockets.ifNameToIndex('no-such-if'), answer('ENODEV'))
  })
})

describe('the backend', () => {
  it('says who it is', () => {
    assert.equal(backend.kind, 'selector')
    assert.equal(backend.package, '@loop/epoll-linux')
    assert.equal(backend.abi, 1)
    assert.deepEqual(Object.keys(backend.pollers), ['epoll', 'poll', 'select'])
  })
})
