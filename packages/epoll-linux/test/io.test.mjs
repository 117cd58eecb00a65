import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { answer, constants as c, connection, linux, opened, pair, READ, sockets, waitFor } from './addon.mjs'

const pipe = (t) => {
  const ends = new Int32Array(2)
  assert.equal(linux.pipe2(ends), 0)
  for (const end of ends) t.after(() => sockets.close(end))
  return ends
}

describe('recv and send', () => {
  it('move a slice of a buffer and touch nothing else', (t) => {
    const [one, other] = connection(t)
    assert.equal(sockets.send(one, Buffer.from('..hello..'), 2, 5, 0), 5)
    waitFor(other, READ)
    const into = Buffer.alloc(9, '-')
    assert.equal(sockets.recv(other, into, 2, 5, 0), 5)
    assert.equal(into.toString(), '--hello--')
    assert.equal(sockets.recv(other, into, 0, 9, 0), answer('EAGAIN'))
  })

  it('flags count', (t) => {
    const [one, other] = pair(t)
    const into = Buffer.alloc(4)
    sockets.send(one, Buffer.from('peek'), 0, 4, 0)
    assert.equal(sockets.recv(other, into, 0, 4, c.MSG_PEEK), 4)
    assert.equal(sockets.recv(other, into, 0, 4, 0), 4)
    assert.equal(into.toString(), 'peek')
  })

  it('a full socket takes a part, then EAGAIN', (t) => {
    const [one] = pair(t)
    const data = Buffer.alloc(1 << 22)
    const sent = sockets.send(one, data, 0, data.length, 0)
    assert.ok(sent > 0 && sent < data.length)
    assert.equal(sockets.send(one, data, sent, data.length - sent, 0), answer('EAGAIN'))
  })

  it('a small view of shared and of resizable memory works', (t) => {
    const [one, other] = pair(t)
    const resizable = new Uint8Array(new ArrayBuffer(8, { maxByteLength: 64 }))
    resizable.buffer.resize(64)
    resizable.fill(7)
    const shared = new Uint8Array(new SharedArrayBuffer(64))
    assert.equal(sockets.send(one, resizable, 0, 64, 0), 64)
    assert.equal(sockets.recv(other, shared, 0, 64, 0), 64)
    assert.deepEqual([...new Set(shared)], [7])
    resizable.buffer.resize(4)
    assert.throws(() => sockets.send(one, resizable, 0, 5, 0), RangeError)
    assert.equal(sockets.send(one, resizable, 0, 4, 0), 4)
    const fixed = new Uint8Array(resizable.buffer, 0, 4)
    resizable.buffer.resize(2)
    assert.throws(() => sockets.send(one, fixed, 0, 4, 0), RangeError)
    assert.equal(sockets.send(one, fixed, 0, 0, 0), 0)
  })
})

describe('sendv', () => {
  it('gathers from an index and an offset on', (t) => {
    const [one, other] = pair(t)
    const parts = ['skipped', 'one ', 'two ', '', 'three'].map((text) => Buffer.from(text))
    assert.equal(sockets.sendv(one, parts, 1, 2), 'e two three'.length)
    const into = Buffer.alloc(32)
    const count = sockets.recv(other, into, 0, 32, 0)
    assert.equal(into.toString('latin1', 0, count), 'e two three')
  })

  it('works on a pipe too', (t) => {
    const [reader, writer] = pipe(t)
    assert.equal(sockets.sendv(writer, [Buffer.from('a'), Buffer.from('b')], 0, 0), 2)
    const into = Buffer.alloc(4)
    assert.equal(sockets.read(reader, into, 0, 4), 2)
    assert.equal(into.toString('latin1', 0, 2), 'ab')
  })

  it('takes at most IOV_MAX buffers, in their order', (t) => {
    const [one, other] = pair(t)
    const parts = Array.from({ length: 3000 }, (_, index) => Buffer.from([index & 255]))
    assert.equal(sockets.sendv(one, parts, 0, 0), c.IOV_MAX)
    assert.equal(sockets.sendv(one, parts, c.IOV_MAX, 0), c.IOV_MAX)
    const into = Buffer.alloc(4096)
    assert.equal(sockets.recv(other, into, 0, 4096, 0), 2 * c.IOV_MAX)
    for (let index = 0; index < 2 * c.IOV_MAX; index++) assert.equal(into[index], index & 255)
  })

  it('a getter that detaches what was gathered before it is seen', (t) => {
    const [one] = pair(t)
    const first = new Uint8Array(new ArrayBuffer(1 << 16))
    const parts = [first]
    Object.defineProperty(parts, 1, {
      get() {
        structuredClone(first.buffer, { transfer: [first.buffer] })
        return Buffer.from('x')
      },
    })
    assert.throws(() => sockets.sendv(one, parts, 0, 0), TypeError)
  })

  it('no buffers, and positions outside', (t) => {
    const [one] = pair(t)
    assert.equal(sockets.sendv(one, [], 0, 0), 0)
    assert.throws(() => sockets.sendv(one, [], 0, 1), RangeError)
    assert.throws(() => sockets.sendv(one, [], 1, 0), RangeError)
    assert.throws(() => sockets.sendv(one, [Buffer.from('ab')], 0, 3), RangeError)
    assert.throws(() => sockets.sendv(one, ['ab'], 0, 0), TypeError)
    assert.throws(() => sockets.sendv(one, { length: 1, 0: Buffer.from('a') }, 0, 0), TypeError)
  })
})

describe('recvfrom and sendto', () => {
  it('know the peer of a datagram', (t) => {
    const [one, other] = [0, 0].map(() => {
      const fd = opened(t, sockets.socket(c.AF_INET, c.SOCK_DGRAM, 0))
      assert.equal(sockets.bind(fd, c.AF_INET, { host: '127.0.0.1', port: 0 }), 0)
      return fd
    })
    assert.equal(sockets.sendto(one, Buffer.from('hi'), 0, c.AF_INET, sockets.getsockname(other)), 2)
    waitFor(other, READ)
    const out = []
    const into = Buffer.alloc(8)
    assert.equal(sockets.recvfrom(other, into, 1, 7, 0, out), 2)
    assert.equal(into.toString('latin1', 1, 3), 'hi')
    assert.deepEqual(out, [sockets.getsockname(one)])
    assert.equal(sockets.recvfrom(other, into, 0, 8, 0, out), answer('EAGAIN'))
    assert.equal(sockets.sendto(one, into, 0, c.AF_INET, { host: 'name', port: 1 }), answer('EINVAL'))
  })

  it('an unnamed Unix peer is null', (t) => {
    const [one, other] = pair(t, c.AF_UNIX, c.SOCK_DGRAM)
    sockets.send(one, Buffer.from('x'), 0, 1, 0)
    const out = ['before']
    assert.equal(sockets.recvfrom(other, Buffer.alloc(1), 0, 1, 0, out), 1)
    assert.deepEqual(out, [null])
  })
})

describe('read, write, sendfile', () => {
  it('read and write serve what is no socket', (t) => {
    const [reader, writer] = pipe(t)
    assert.equal(sockets.write(writer, Buffer.from('_data_'), 1, 4), 4)
    const into = Buffer.alloc(4)
    assert.equal(sockets.read(reader, into, 0, 4), 4)
    assert.equal(into.toString(), 'data')
    assert.equal(sockets.read(reader, into, 0, 4), answer('EAGAIN'))
    assert.equal(sockets.recv(reader, into, 0, 4, 0), answer('ENOTSOCK'))
  })

  it('a pipe without a reader is EPIPE and no signal', () => {
    const ends = new Int32Array(2)
    assert.equal(linux.pipe2(ends), 0)
    sockets.close(ends[0])
    assert.equal(sockets.write(ends[1], Buffer.from('x'), 0, 1), answer('EPIPE'))
    assert.equal(sockets.sendv(ends[1], [Buffer.from('x')], 0, 0), answer('EPIPE'))
    sockets.close(ends[1])
  })

  it('sendfile sends a part of a file', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loop-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'file')
    writeFileSync(path, '0123456789')
    const file = openSync(path, 'r')
    t.after(() => closeSync(file))
    const [one, other] = connection(t)
    assert.equal(sockets.sendfile(one, file, 3, 4), 4)
    assert.equal(sockets.sendfile(one, file, 8, 2 ** 40), 2)
    assert.equal(sockets.sendfile(one, file, 10, 5), 0)
    waitFor(other, READ)
    const into = Buffer.alloc(16)
    const count = sockets.recv(other, into, 0, 16, 0)
    assert.equal(into.toString('latin1', 0, count), '345689')
    assert.equal(sockets.sendfile(one, one, 0, 5), answer('ESPIPE'))
    assert.throws(() => sockets.sendfile(one, file, -1, 5), RangeError)
  })

  it('lseek moves where the next read begins', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loop-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'file')
    writeFileSync(path, '0123456789')
    const file = openSync(path, 'r')
    t.after(() => closeSync(file))
    assert.equal(sockets.lseek(file, 7), 7)
    const into = Buffer.alloc(16)
    assert.equal(into.toString('latin1', 0, sockets.read(file, into, 0, 16)), '789')
    assert.equal(sockets.lseek(file, 2 ** 40), 2 ** 40)
    const [reader] = pipe(t)
    assert.equal(sockets.lseek(reader, 0), answer('ESPIPE'))
    assert.throws(() => sockets.lseek(file, -1), RangeError)
  })

  it('splice moves what is in a pipe, and never waits for more', (t) => {
    const [reader, writer] = pipe(t)
    const [one, other] = connection(t)
    assert.equal(sockets.splice(reader, one, 10), answer('EAGAIN'))
    // A pipe that blocks, as a shell gives it, makes no difference.
    assert.equal(sockets.setNonblocking(reader, false), 0)
    assert.equal(sockets.splice(reader, one, 10), answer('EAGAIN'))
    sockets.write(writer, Buffer.from('0123456789'), 0, 10)
    assert.equal(sockets.splice(reader, one, 4), 4)
    assert.equal(sockets.splice(reader, one, 2 ** 40), 6)
    waitFor(other, READ)
    const into = Buffer.alloc(16)
    assert.equal(into.toString('latin1', 0, sockets.recv(other, into, 0, 16, 0)), '0123456789')
    assert.equal(sockets.splice(one, other, 4), answer('EINVAL'))
    assert.equal(sockets.splice(999_983, one, 4), answer('EBADF'))
  })
})
