import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { answer, constants as c, opened, pair, sockets } from './addon.mjs'

const udp = (t, family) => opened(t, sockets.socket(family, c.SOCK_DGRAM, 0))
const bound = (t, family, address) => {
  const fd = udp(t, family)
  const result = sockets.bind(fd, family, address)
  return result === 0 ? sockets.getsockname(fd) : result
}

describe('IP addresses', () => {
  it('an empty host is the wildcard', (t) => {
    assert.equal(bound(t, c.AF_INET, { host: '', port: 0 }).host, '0.0.0.0')
    assert.equal(bound(t, c.AF_INET6, { host: '', port: 0 }).host, '::')
  })

  it('IPv6 carries flowinfo and scopeid', (t) => {
    const address = bound(t, c.AF_INET6, { host: '::1', port: 0, flowinfo: 0, scopeid: 0 })
    assert.deepEqual(address, { host: '::1', port: address.port, family: 'IPv6', flowinfo: 0, scopeid: 0 })
  })

  it('the zone of a host is an interface by name or by number', (t) => {
    const lo = sockets.ifNameToIndex('lo')
    assert.ok(lo > 0)
    // Loopback has no link-local address, so the kernel answers; that it parsed is what counts.
    for (const zone of ['lo', String(lo)]) {
      assert.equal(bound(t, c.AF_INET6, { host: `fe80::1%${zone}`, port: 0 }), answer('EADDRNOTAVAIL'))
    }
    for (const zone of ['', 'no-such-if', '1x', '-1', '99999999999']) {
      assert.equal(bound(t, c.AF_INET6, { host: `fe80::1%${zone}`, port: 0 }), answer('EINVAL'), zone)
    }
  })

  it('what does not parse is EINVAL', (t) => {
    for (const host of ['localhost', '1.2.3', '::1', '127.0.0.1\0.example', ' 127.0.0.1', '256.0.0.1']) {
      assert.equal(bound(t, c.AF_INET, { host, port: 0 }), answer('EINVAL'), host)
    }
    assert.equal(bound(t, c.AF_INET6, { host: '127.0.0.1', port: 0 }), answer('EINVAL'))
  })

  it('wrong types and ports throw', (t) => {
    const fd = udp(t, c.AF_INET)
    const bind = (address) => () => sockets.bind(fd, c.AF_INET, address)
    for (const address of [null, undefined, 'x', 1, {}, { host: 1, port: 1 }, { host: '', port: '1' }, () => {}]) {
      assert.throws(bind(address), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' })
    }
    for (const port of [-1, 65536, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(bind({ host: '', port }), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' })
    }
    const failure = new Error('from the getter')
    assert.throws(
      bind({
        get host() {
          throw failure
        },
      }),
      failure,
    )
  })
})

describe('Unix addresses', () => {
  it('are paths, abstract names, or null', (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'loop-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'sökket')
    assert.equal(bound(t, c.AF_UNIX, path), path)
    assert.equal(bound(t, c.AF_UNIX, path), answer('EADDRINUSE'))
    const name = `\0loop-test-${process.pid}\0tail`
    assert.equal(bound(t, c.AF_UNIX, name), name)
    assert.equal(bound(t, c.AF_UNIX, Buffer.from(`${name}-bytes`)), `${name}-bytes`)
    const [one] = pair(t)
    assert.equal(sockets.getsockname(one), null)
    assert.equal(sockets.getpeername(one), null)
  })

  it('an empty name lets the kernel choose an abstract one', (t) => {
    assert.match(bound(t, c.AF_UNIX, ''), /^\0[0-9a-f]{5}$/)
  })

  it('a name that is not UTF-8 comes back as bytes', (t) => {
    const start = Buffer.from(`\0loop-test-${process.pid}-`)
    for (const tail of ['ff', 'c0af', 'eda080', 'f4908080', 'e282', '80']) {
      const name = Buffer.concat([start, Buffer.from(tail, 'hex')])
      assert.deepEqual(bound(t, c.AF_UNIX, name), name)
    }
    for (const tail of ['é', '€', '😀', '\u{10ffff}']) {
      const name = start.toString() + tail
      assert.equal(bound(t, c.AF_UNIX, name), name)
    }
  })

  it('108 bytes is the limit, the terminator of a path included', (t) => {
    assert.equal(bound(t, c.AF_UNIX, `\0${'a'.repeat(100)}${process.pid}`.padEnd(108, 'b')).length, 108)
    assert.equal(bound(t, c.AF_UNIX, `\0${'a'.repeat(108)}`), answer('ENAMETOOLONG'))
    assert.equal(bound(t, c.AF_UNIX, `/${'a'.repeat(107)}`), answer('ENAMETOOLONG'))
    assert.equal(bound(t, c.AF_UNIX, `/no/such/folder/${'a'.repeat(90)}`), answer('ENOENT'))
    assert.equal(bound(t, c.AF_UNIX, '/tmp/a\0b'), answer('EINVAL'))
  })
})

describe('other families', () => {
  it('take and give the bytes after the family', (t) => {
    const fd = opened(t, sockets.socket(c.AF_NETLINK, c.SOCK_RAW, c.NETLINK_ROUTE))
    // struct sockaddr_nl: padding, port id, groups; a port of 0 lets the kernel choose.
    assert.equal(sockets.bind(fd, c.AF_NETLINK, new Uint8Array(10)), 0)
    const address = sockets.getsockname(fd)
    assert.equal(address.length, 10)
    assert.notEqual(address.readUInt32LE(2), 0)
    assert.equal(sockets.bind(fd, c.AF_NETLINK, new Uint8Array(200)), answer('ENAMETOOLONG'))
    assert.equal(sockets.bind(fd, 65536 + c.AF_NETLINK, new Uint8Array(10)), answer('EAFNOSUPPORT'))
    assert.throws(() => sockets.bind(fd, c.AF_NETLINK, 'text'), TypeError)
  })

  it('AF_UNSPEC dissolves a connection of datagrams', (t) => {
    const fd = udp(t, c.AF_INET)
    assert.equal(sockets.connect(fd, c.AF_INET, { host: '127.0.0.1', port: 9 }), 0)
    assert.equal(sockets.getpeername(fd).port, 9)
    assert.equal(sockets.connect(fd, c.AF_UNSPEC, new Uint8Array(14)), 0)
    assert.equal(sockets.getpeername(fd), answer('ENOTCONN'))
  })
})
