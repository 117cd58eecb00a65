// Batches of datagrams: the memory that is shared with core, and what the calls do with it.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { answer, constants as c, opened, pair, READ, sockets, waitFor } from './addon.mjs'

const incoming = { head: 256, data: 32 * 256, gap: 64 }
const outgoing = { heads: 16, head: 16, addresses: 16 + 64 * 16, room: 128, data: 16 + 64 * 16 + 64 * 128 }

const bound = (t, family = c.AF_INET, host = '127.0.0.1') => {
  const fd = opened(t, sockets.socket(family, c.SOCK_DGRAM, 0))
  assert.equal(sockets.bind(fd, family, { host, port: 0 }), 0)
  return { fd, address: sockets.getsockname(fd) }
}

/** A slab with `datagrams`: `[text, index of the address]`. */
function batch(datagrams, addresses = [], family = c.AF_INET) {
  const slab = Buffer.alloc(outgoing.data + 65536)
  const words = new Int32Array(slab.buffer, slab.byteOffset + outgoing.heads, 256)
  const sizes = addresses.map((address, index) =>
    sockets.packAddress(family, address, slab.subarray(outgoing.addresses + index * outgoing.room)),
  )
  let offset = outgoing.data
  for (const [index, [text, address = -1]] of datagrams.entries()) {
    words.set([offset, text.length, address, address < 0 ? 0 : sizes[address]], index * 4)
    offset += slab.write(text, offset, 'latin1')
  }
  return slab
}

/** What `recvmmsg` gave, as far as there is. */
function received(fd, count = 32, size = 2048, control = false) {
  const slab = Buffer.alloc(incoming.data + 32 * (size + incoming.gap), 0xee)
  const found = sockets.recvmmsg(fd, slab, count, size, control)
  if (found < 0) return found
  return Array.from({ length: found }, (_, index) => {
    const at = index * incoming.head
    const word = (number) => slab.readInt32LE(at + number * 4)
    const start = incoming.data + index * (size + incoming.gap)
    return {
      text: slab.toString('latin1', start, start + word(0)),
      flags: word(1),
      sender: sockets.unpackAddress(slab, at + 64, word(2)),
      segment: word(3),
      known: word(4),
      interface: word(5),
      destination: word(6) > 0 ? sockets.unpackAddress(slab, at + 192, word(6)).host : null,
      tos: word(7),
      untouched: slab[start + word(0)] === 0xee,
    }
  })
}

const textsOf = (list) => list.map(({ text }) => text)

describe('sendmmsg and recvmmsg', () => {
  it('send to several addresses and receive with the senders', (t) => {
    const [one, other, sender] = [bound(t), bound(t), bound(t)]
    const slab = batch(
      [
        ['a', 0],
        ['', 0],
        ['bcd', 1],
        ['e', 0],
      ],
      [one.address, other.address],
    )
    assert.equal(sockets.sendmmsg(sender.fd, slab, 0, 4, 0, false), 4)
    const list = received(one.fd)
    assert.deepEqual(textsOf(list), ['a', '', 'e'])
    assert.deepEqual(textsOf(received(other.fd)), ['bcd'])
    for (const { sender: from, untouched, flags } of list) {
      assert.deepEqual(from, sender.address)
      assert.ok(untouched)
      assert.equal(flags, 0)
    }
    assert.equal(received(one.fd), answer('EAGAIN'))
  })

  it('from and upto choose a part', (t) => {
    const [receiver, sender] = [bound(t), bound(t)]
    const slab = batch(
      ['0', '1', '2', '3'].map((text) => [text, 0]),
      [receiver.address],
    )
    assert.equal(sockets.sendmmsg(sender.fd, slab, 1, 3, 0, false), 2)
    assert.equal(sockets.sendmmsg(sender.fd, slab, 3, 3, 0, false), 0)
    assert.deepEqual(textsOf(received(receiver.fd)), ['1', '2'])
    assert.throws(() => sockets.sendmmsg(sender.fd, slab, 3, 2, 0, false), RangeError)
    assert.throws(() => sockets.sendmmsg(sender.fd, slab, 0, 65, 0, false), RangeError)
  })

  it('runs of one size arrive as the datagrams that they were', (t) => {
    const [receiver, sender] = [bound(t), bound(t)]
    const texts = Array.from({ length: 64 }, (_, index) => 'x'.repeat(index % 20 === 19 ? 7 : 100) + index)
    for (const segment of [0, 50, 102, 65535]) {
      const slab = batch(
        texts.map((text) => [text, 0]),
        [receiver.address],
      )
      for (let from = 0; from < 64; ) {
        const sent = sockets.sendmmsg(sender.fd, slab, from, 64, segment, false)
        assert.ok(sent > 0)
        from += sent
      }
      const list = []
      for (let found = received(receiver.fd); Array.isArray(found); found = received(receiver.fd)) list.push(...found)
      assert.deepEqual(textsOf(list), texts)
    }
  })

  it('a receiver that asks for it gets a run as one, and the size of its parts', (t) => {
    const [receiver, sender] = [bound(t), bound(t)]
    const on = new Uint8Array(Int32Array.of(1).buffer)
    assert.equal(sockets.setsockopt(receiver.fd, c.IPPROTO_UDP, c.UDP_GRO, on), 0)
    const slab = batch(
      ['abc', 'def', 'g'].map((text) => [text, 0]),
      [receiver.address],
    )
    assert.equal(sockets.sendmmsg(sender.fd, slab, 0, 3, 100, false), 3)
    const [{ text, segment }, ...others] = received(receiver.fd, 32, 2048, true)
    assert.deepEqual([text, segment, others.length], ['abcdefg', 3, 0])
  })

  it('an error is the first one’s, and what comes before it is sent', (t) => {
    const [receiver, sender] = [bound(t), bound(t)]
    const slab = batch(
      [
        ['a', 0],
        ['b', 1],
        ['c', 0],
      ],
      [receiver.address, { host: '255.255.255.255', port: 9 }],
    )
    assert.equal(sockets.sendmmsg(sender.fd, slab, 0, 3, 0, false), 1)
    assert.equal(sockets.sendmmsg(sender.fd, slab, 1, 3, 0, false), answer('EACCES'))
    assert.equal(sockets.sendmmsg(sender.fd, slab, 2, 3, 0, false), 1)
    assert.deepEqual(textsOf(received(receiver.fd)), ['a', 'c'])
  })

  it('a connected socket needs no address, and loses no error that was pending', (t) => {
    const [gone, sender] = [bound(t), bound(t)]
    assert.equal(sockets.connect(sender.fd, c.AF_INET, gone.address), 0)
    const slab = batch([['1'], ['22'], ['333']])
    assert.equal(sockets.sendmmsg(sender.fd, slab, 0, 3, 0, true), 3)
    assert.deepEqual(textsOf(received(gone.fd)), ['1', '22', '333'])
    const closed = bound(t)
    const nobody = sockets.getsockname(closed.fd)
    sockets.close(closed.fd)
    assert.equal(sockets.connect(sender.fd, c.AF_INET, nobody), 0)
    assert.equal(sockets.sendmmsg(sender.fd, slab, 0, 3, 0, true), 1)
    assert.equal(slab.readInt32LE(0), answer('ECONNREFUSED'))
    assert.equal(sockets.sendmmsg(sender.fd, slab, 2, 3, 0, true), 1)
    assert.equal(slab.readInt32LE(0), 0)
    assert.equal(sockets.sendmmsg(sender.fd, slab, 2, 3, 0, true), answer('ECONNREFUSED'))
    // The number was closed above: what t.after closes must be ours again.
    assert.equal(sockets.dup(sender.fd), closed.fd)
  })

  it('a full socket takes a part, then EAGAIN', (t) => {
    const [one] = pair(t, c.AF_UNIX, c.SOCK_DGRAM)
    const slab = batch(new Array(64).fill(['x']))
    let total = 0
    for (let sent = 1; sent > 0; total += Math.max(0, sent)) {
      sent = sockets.sendmmsg(one, slab, 0, 64, 0, false)
      if (sent < 0) assert.equal(sent, answer('EAGAIN'))
    }
    assert.ok(total > 0)
  })

  it('a datagram that is too long is cut, which the flags say', (t) => {
    const [one, other] = pair(t, c.AF_UNIX, c.SOCK_DGRAM)
    sockets.send(one, Buffer.from('too long'), 0, 8, 0)
    const [{ text, flags }] = received(other, 32, 3)
    assert.deepEqual([text, flags & c.MSG_TRUNC], ['too', c.MSG_TRUNC])
  })

  it('tell what the socket was asked to tell', (t) => {
    for (const [family, host, level] of [
      [c.AF_INET, '127.0.0.1', c.IPPROTO_IP],
      [c.AF_INET6, '::1', c.IPPROTO_IPV6],
    ]) {
      const [receiver, sender] = [bound(t, family, host), bound(t, family, host)]
      const on = new Uint8Array(Int32Array.of(1).buffer)
      for (const name of family === c.AF_INET ? ['IP_PKTINFO', 'IP_RECVTOS'] : ['IPV6_RECVPKTINFO', 'IPV6_RECVTCLASS'])
        assert.equal(sockets.setsockopt(receiver.fd, level, c[name], on), 0)
      assert.equal(sockets.setsockopt(receiver.fd, c.SOL_SOCKET, c.SO_TIMESTAMPNS, on), 0)
      const mark = new Uint8Array(Int32Array.of(0x20).buffer)
      assert.equal(sockets.setsockopt(sender.fd, level, family === c.AF_INET ? c.IP_TOS : c.IPV6_TCLASS, mark), 0)
      sockets.sendto(sender.fd, Buffer.from('x'), 0, family, receiver.address)
      const [told] = received(receiver.fd, 32, 100, true)
      assert.deepEqual([told.destination, told.interface, told.tos, told.known], [host, 1, 0x20, 1 | 2 | 8])
      sockets.sendto(sender.fd, Buffer.from('x'), 0, family, receiver.address)
      assert.equal(received(receiver.fd, 32, 100, false)[0].known, 0)
    }
  })

  it('nothing outside a slab is touched', (t) => {
    const { fd } = bound(t)
    const small = Buffer.alloc(incoming.data + 2 * (100 + incoming.gap))
    assert.equal(sockets.recvmmsg(fd, small, 2, 100, true), answer('EAGAIN'))
    assert.throws(() => sockets.recvmmsg(fd, small, 3, 100, true), RangeError)
    assert.throws(() => sockets.recvmmsg(fd, small, 2, 101, true), RangeError)
    assert.throws(() => sockets.recvmmsg(fd, small, 33, 1, true), RangeError)
    assert.equal(sockets.recvmmsg(fd, small, 0, 1, true), 0)
    const slab = batch([['x', 0]], [{ host: '127.0.0.1', port: 9 }])
    assert.throws(() => sockets.sendmmsg(fd, slab.subarray(0, 9000), 0, 1, 0, false), RangeError)
    for (const [word, value] of [
      [0, slab.length],
      [0, -1],
      [1, 2 ** 31 - 1],
      [1, -1],
      [2, 64],
      [2, -2],
      [3, 129],
      [3, -1],
    ]) {
      const bad = Buffer.from(slab)
      bad.writeInt32LE(value, outgoing.heads + word * 4)
      assert.throws(() => sockets.sendmmsg(fd, bad, 0, 1, 0, false), RangeError, `word ${word}: ${value}`)
    }
  })
})

describe('gather', () => {
  it('copies datagrams behind each other, and nothing else', (t) => {
    const [receiver, sender] = [bound(t), bound(t)]
    for (const text of ['one', '', 'three', 'four'])
      sockets.sendto(sender.fd, Buffer.from(text), 0, c.AF_INET, receiver.address)
    const slab = Buffer.alloc(incoming.data + 32 * (100 + incoming.gap))
    assert.equal(sockets.recvmmsg(receiver.fd, slab, 32, 100, false), 4)
    const memory = Buffer.alloc(20, '-')
    assert.equal(sockets.gather(slab, 0, 4, 100, memory), 12)
    assert.equal(memory.toString(), 'onethreefour--------')
    assert.equal(sockets.gather(slab, 1, 3, 100, memory), 5)
    assert.equal(memory.toString('latin1', 0, 6), 'threer')
    assert.equal(sockets.gather(slab, 4, 4, 100, memory), 0)
    assert.throws(() => sockets.gather(slab, 0, 4, 100, memory.subarray(0, 11)), RangeError)
    assert.throws(() => sockets.gather(slab, 2, 1, 100, memory), RangeError)
    assert.throws(() => sockets.gather(slab, 0, 33, 100, memory), RangeError)
    assert.throws(() => sockets.gather(slab, 0, 32, 101, memory), RangeError)
    for (const length of [-1, 101, 2 ** 31 - 1]) {
      slab.writeInt32LE(length, 0)
      assert.throws(() => sockets.gather(slab, 0, 1, 100, memory), RangeError)
    }
  })
})

describe('packAddress and unpackAddress', () => {
  it('are each other’s reverse', () => {
    const addresses = [
      [c.AF_INET, { host: '127.0.0.1', port: 80, family: 'IPv4' }],
      [c.AF_INET6, { host: 'fe80::1', port: 65535, family: 'IPv6', flowinfo: 5, scopeid: 1 }],
      [c.AF_UNIX, '/run/socket'],
      [c.AF_UNIX, '\0abstract'],
      [c.AF_NETLINK, Buffer.from([0, 0, 1, 2, 3, 4, 0, 0, 0, 0])],
    ]
    const out = Buffer.alloc(128)
    for (const [family, address] of addresses) {
      const size = sockets.packAddress(family, address, out)
      assert.ok(size > 0)
      assert.deepEqual(sockets.unpackAddress(out, 0, size), address)
    }
    assert.equal(sockets.unpackAddress(out, 0, 0), null)
    assert.equal(sockets.packAddress(c.AF_INET, { host: 'name', port: 1 }, out), answer('EINVAL'))
    assert.equal(sockets.packAddress(c.AF_UNIX, 'x'.repeat(200), out), answer('ENAMETOOLONG'))
    assert.throws(() => sockets.packAddress(c.AF_UNIX, 'x'.repeat(50), out.subarray(0, 20)), RangeError)
    assert.throws(() => sockets.unpackAddress(out, 120, 9), RangeError)
  })
})

describe('multicast', () => {
  it('groups are joined once and left once', (t) => {
    for (const [family, group, source] of [
      [c.AF_INET, '239.1.2.3', '127.0.0.1'],
      [c.AF_INET6, 'ff11::1234', '::1'],
    ]) {
      const fd = opened(t, sockets.socket(family, c.SOCK_DGRAM, 0))
      const address = { host: group, port: 0 }
      assert.equal(sockets.joinGroup(fd, family, 1, address, null), 0)
      assert.equal(sockets.joinGroup(fd, family, 1, address, null), answer('EADDRINUSE'))
      assert.equal(sockets.leaveGroup(fd, family, 1, address, null), 0)
      assert.equal(sockets.leaveGroup(fd, family, 1, address, null), answer('EADDRNOTAVAIL'))
      const only = { host: source, port: 0 }
      assert.equal(sockets.joinGroup(fd, family, 1, address, only), 0)
      assert.equal(sockets.leaveGroup(fd, family, 1, address, only), 0)
      assert.equal(sockets.joinGroup(fd, family, 999_999, address, null), answer('ENODEV'))
      assert.equal(sockets.setMulticastInterface(fd, family, 1), 0)
      assert.equal(sockets.setMulticastInterface(fd, family, 0), 0)
      assert.equal(sockets.setMulticastInterface(fd, family, 999_999) < 0, true)
      assert.equal(sockets.joinGroup(fd, family, 1, { host: 'group', port: 0 }, null), answer('EINVAL'))
      assert.throws(() => sockets.joinGroup(fd, family, 1, 'group', null), TypeError)
    }
  })
})

it('waits for what is sent', (t) => {
  const [receiver, sender] = [bound(t), bound(t)]
  const slab = batch([['x', 0]], [receiver.address])
  assert.equal(sockets.sendmmsg(sender.fd, slab, 0, 1, 0, false), 1)
  waitFor(receiver.fd, READ)
})
