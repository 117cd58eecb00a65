import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answer, constants as c, linux, openDescriptors, opened, pair, READ, sockets, waitFor } from './addon.mjs'

const rights = (...descriptors) => ({
  level: c.SOL_SOCKET,
  type: c.SCM_RIGHTS,
  data: new Uint8Array(Int32Array.from(descriptors).buffer),
})
const descriptorsIn = (data) => Array.from({ length: data.length / 4 }, (_, index) => data.readInt32LE(index * 4))

// CMSG_SPACE for `count` descriptors on 64-bit systems.
const space = (count) => 16 + Math.ceil((count * 4) / 8) * 8

describe('sendmsg and recvmsg', () => {
  it('scatter and gather', (t) => {
    const [one, other] = pair(t)
    assert.equal(sockets.sendmsg(one, [Buffer.from('abc'), Buffer.from('defg')], [], 0, c.AF_UNIX, null), 7)
    const parts = [Buffer.alloc(2), Buffer.alloc(4), Buffer.alloc(4)]
    const message = sockets.recvmsg(other, parts, 0, 0)
    assert.deepEqual(message, { bytes: 7, flags: 0, address: null, ancillary: [] })
    assert.equal(Buffer.concat(parts).toString('latin1', 0, 7), 'abcdefg')
    assert.equal(sockets.recvmsg(other, parts, 0, 0), answer('EAGAIN'))
  })

  it('carry the address of a datagram', (t) => {
    const [one, other] = [0, 0].map(() => {
      const fd = opened(t, sockets.socket(c.AF_INET6, c.SOCK_DGRAM, 0))
      assert.equal(sockets.bind(fd, c.AF_INET6, { host: '::1', port: 0 }), 0)
      return fd
    })
    assert.equal(sockets.sendmsg(one, [Buffer.from('hello')], [], 0, c.AF_INET6, sockets.getsockname(other)), 5)
    waitFor(other, READ)
    const message = sockets.recvmsg(other, [Buffer.alloc(3)], 0, 0)
    assert.equal(message.bytes, 3)
    assert.equal(message.flags & c.MSG_TRUNC, c.MSG_TRUNC)
    assert.deepEqual(message.address, sockets.getsockname(one))
  })

  it('more than IOV_MAX buffers is EMSGSIZE', (t) => {
    const [one] = pair(t)
    const many = new Array(c.IOV_MAX + 1).fill(Buffer.alloc(1))
    assert.equal(sockets.sendmsg(one, many, [], 0, c.AF_UNIX, null), answer('EMSGSIZE'))
    assert.equal(sockets.recvmsg(one, many, 0, 0), answer('EMSGSIZE'))
    assert.equal(sockets.sendmsg(one, many.slice(1), [], 0, c.AF_UNIX, null), c.IOV_MAX)
  })
})

describe('SCM_RIGHTS', () => {
  it('hands over descriptors, close-on-exec', async (t) => {
    const { readFileSync } = await import('node:fs')
    const [one, other] = pair(t)
    const event = opened(t, linux.eventfd(5, 0))
    assert.equal(sockets.sendmsg(one, [Buffer.from('x')], [rights(event, event)], 0, c.AF_UNIX, null), 1)
    const message = sockets.recvmsg(other, [Buffer.alloc(1)], space(2), 0)
    assert.equal(message.bytes, 1)
    assert.equal(message.flags, 0)
    assert.equal(message.ancillary.length, 1)
    const [{ level, type, data }] = message.ancillary
    assert.deepEqual([level, type, data.length], [c.SOL_SOCKET, c.SCM_RIGHTS, 8])
    const [first, second] = descriptorsIn(data)
    assert.notEqual(first, event)
    const flags = /flags:\s*([0-7]+)/.exec(readFileSync(`/proc/self/fdinfo/${second}`, 'latin1'))[1]
    assert.equal(Number.parseInt(flags, 8) & 0o2000000, 0o2000000)
    const counter = Buffer.alloc(8)
    assert.equal(sockets.read(second, counter, 0, 8), 8)
    assert.equal(counter.readBigUInt64LE(), 5n)
    sockets.close(first)
    sockets.close(second)
  })

  it('what does not fit is closed by the kernel, what fits is ours', (t) => {
    const [one, other] = pair(t)
    const event = opened(t, linux.eventfd(0, 0))
    const before = openDescriptors()
    for (const room of [0, 8, 16, 20, 24, 28, 32]) {
      assert.equal(
        sockets.sendmsg(one, [Buffer.from('x')], [rights(event, event, event, event, event)], 0, c.AF_UNIX, null),
        1,
      )
      const message = sockets.recvmsg(other, [Buffer.alloc(1)], room, 0)
      assert.equal(message.flags, c.MSG_CTRUNC, `room for ${room}`)
      for (const { data } of message.ancillary) for (const fd of descriptorsIn(data)) assert.equal(sockets.close(fd), 0)
      assert.equal(openDescriptors(), before, `room for ${room}`)
    }
  })

  it('a peer that is gone, and descriptors that are not open', (t) => {
    const [one] = pair(t)
    assert.equal(sockets.sendmsg(one, [Buffer.from('x')], [rights(12345)], 0, c.AF_UNIX, null), answer('EBADF'))
  })
})

describe('other control messages', () => {
  it('SCM_CREDENTIALS names the sender', (t) => {
    const [one, other] = pair(t)
    assert.equal(sockets.setsockopt(other, c.SOL_SOCKET, c.SO_PASSCRED, Buffer.from([1, 0, 0, 0])), 0)
    sockets.send(one, Buffer.from('x'), 0, 1, 0)
    const [message] = sockets.recvmsg(other, [Buffer.alloc(1)], 64, 0).ancillary
    assert.equal(message.type, c.SCM_CREDENTIALS)
    assert.equal(message.data.readInt32LE(0), process.pid)
  })

  it('several in one message, in their order', (t) => {
    const [one, other] = pair(t)
    sockets.setsockopt(other, c.SOL_SOCKET, c.SO_PASSCRED, Buffer.from([1, 0, 0, 0]))
    const event = opened(t, linux.eventfd(0, 0))
    const credentials = Buffer.alloc(12)
    credentials.writeInt32LE(process.pid, 0)
    credentials.writeUInt32LE(process.getuid(), 4)
    credentials.writeUInt32LE(process.getgid(), 8)
    const sent = [{ level: c.SOL_SOCKET, type: c.SCM_CREDENTIALS, data: credentials }, rights(event)]
    assert.equal(sockets.sendmsg(one, [Buffer.from('x')], sent, 0, c.AF_UNIX, null), 1)
    const { ancillary, flags } = sockets.recvmsg(other, [Buffer.alloc(1)], 256, 0)
    assert.equal(flags, 0)
    assert.deepEqual(ancillary.map(({ type }) => type).sort(), [c.SCM_RIGHTS, c.SCM_CREDENTIALS].sort())
    for (const { type, data } of ancillary) {
      if (type === c.SCM_RIGHTS) sockets.close(data.readInt32LE())
      else assert.deepEqual(data, credentials)
    }
  })

  it('packet info tells where a datagram was sent to', (t) => {
    const fd = opened(t, sockets.socket(c.AF_INET, c.SOCK_DGRAM, 0))
    sockets.bind(fd, c.AF_INET, { host: '127.0.0.1', port: 0 })
    assert.equal(sockets.setsockopt(fd, c.IPPROTO_IP, c.IP_PKTINFO, Buffer.from([1, 0, 0, 0])), 0)
    sockets.sendto(fd, Buffer.from('x'), 0, c.AF_INET, sockets.getsockname(fd))
    waitFor(fd, READ)
    const [{ level, type, data }] = sockets.recvmsg(fd, [Buffer.alloc(1)], 64, 0).ancillary
    assert.deepEqual([level, type], [c.IPPROTO_IP, c.IP_PKTINFO])
    assert.deepEqual([...data.subarray(8, 12)], [127, 0, 0, 1])
  })

  it('wrong ones throw or are refused', (t) => {
    const [one] = pair(t)
    const send = (ancillary) => sockets.sendmsg(one, [Buffer.from('x')], ancillary, 0, c.AF_UNIX, null)
    for (const ancillary of [
      null,
      {},
      [null],
      [1],
      [{}],
      [{ level: 1, type: 1 }],
      [{ level: 1, type: 1, data: 'x' }],
    ]) {
      assert.throws(() => send(ancillary), TypeError)
    }
    assert.throws(() => send([{ level: 1.5, type: 1, data: new Uint8Array(4) }]), RangeError)
    assert.equal(send([{ level: c.SOL_SOCKET, type: c.SCM_RIGHTS, data: new Uint8Array(1 << 25) }]), answer('ENOBUFS'))
    assert.equal(send([{ level: c.SOL_SOCKET, type: 99, data: new Uint8Array(4) }]), answer('EINVAL'))
  })
})
