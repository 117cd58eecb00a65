import { describe, expect, it } from 'vitest'
import type { Address, SocketOps } from '../../src/backend/contract.js'
import { currentBackend } from '../../src/backend/load.js'
import { constants } from '../../src/index.js'
import { AddressBook, type PackedAddress } from '../../src/sockets/address_book.js'

const { AF_INET, AF_INET6, AF_UNIX } = constants as Record<string, number>

/** A book, and how often it asked the system. */
function book(family: number): { book: AddressBook; calls: { pack: number; unpack: number } } {
  const calls = { pack: 0, unpack: 0 }
  const { sockets } = currentBackend()
  const ops = {
    ...sockets,
    packAddress: (...args: Parameters<SocketOps['packAddress']>) => {
      calls.pack++
      return sockets.packAddress(...args)
    },
    unpackAddress: (...args: Parameters<SocketOps['unpackAddress']>) => {
      calls.unpack++
      return sockets.unpackAddress(...args)
    },
  }
  return { book: new AddressBook(ops, family), calls }
}

const there = (packed: PackedAddress | number) => packed as PackedAddress

function backAgain(pages: AddressBook, address: Address): Address {
  const { bytes } = there(pages.pack(address))
  const slab = Buffer.alloc(300, 0xff)
  slab.set(bytes, 100)
  return pages.unpack(slab, 100, bytes.length)
}

describe('AddressBook', () => {
  it('translates there and back', () => {
    const addresses: [number, Address][] = [
      [AF_INET!, { host: '127.0.0.1', port: 65535, family: 'IPv4' }],
      [AF_INET!, { host: '0.0.0.0', port: 0, family: 'IPv4' }],
      [AF_INET!, { host: '255.255.255.255', port: 256, family: 'IPv4' }],
      [AF_INET6!, { host: '::1', port: 1, family: 'IPv6', flowinfo: 0, scopeid: 0 }],
      [AF_INET6!, { host: 'fe80::1', port: 80, family: 'IPv6', flowinfo: 0xabcde, scopeid: 1 }],
      [AF_INET6!, { host: '::ffff:10.0.0.1', port: 80, family: 'IPv6', flowinfo: 0, scopeid: 0 }],
      [AF_UNIX!, '/run/socket'],
      [AF_UNIX!, '\0abstract'],
    ]
    for (const [family, address] of addresses) {
      const { book: pages } = book(family)
      for (let again = 0; again < 2; again++) expect(backAgain(pages, address)).toEqual(address)
    }
  })

  it('asks the system once for each address, and not at all for what it shows of IPv4', () => {
    const { book: pages, calls } = book(AF_INET!)
    const first = pages.pack({ host: '127.0.0.1', port: 1 })
    expect(pages.pack({ host: '127.0.0.1', port: 1 })).toBe(first)
    expect(pages.pack({ host: '127.0.0.1', port: 2 })).not.toBe(first)
    expect(calls).toEqual({ pack: 2, unpack: 0 })
    backAgain(pages, { host: '127.0.0.1', port: 1 })
    expect(calls).toEqual({ pack: 2, unpack: 0 })
  })

  it('gives an object of its own each time, which may be changed', () => {
    const { book: pages } = book(AF_INET!)
    const address = { host: '127.0.0.1', port: 7, family: 'IPv4' as const }
    const shown = backAgain(pages, address) as { host: string }
    shown.host = 'changed'
    expect(backAgain(pages, address)).toEqual(address)
    // What is given may be changed as well.
    const packed = pages.pack(address)
    address.port = 8
    expect(pages.pack(address)).not.toBe(packed)
  })

  it('does not grow without end, and goes on', () => {
    const { book: pages, calls } = book(AF_INET!)
    for (let port = 1; port <= 10_000; port++) pages.pack({ host: '127.0.0.1', port })
    expect(calls.pack).toBe(10_000)
    const slab = Buffer.from(there(pages.pack({ host: '10.0.0.0', port: 1 })).bytes)
    for (let number = 0; number < 10_000; number++) {
      slab.writeUInt16BE(number, 6)
      expect(pages.unpack(slab, 0, slab.length)).toMatchObject({ host: `10.0.${number >> 8}.${number & 255}` })
    }
    pages.pack({ host: '127.0.0.1', port: 1 })
    expect(calls.pack).toBe(10_002)
  })

  it('says what is no address, and gives the error of what does not fit', () => {
    const { book: inet } = book(AF_INET!)
    const { book: unix } = book(AF_UNIX!)
    for (const bad of ['path', null, {}, { host: '127.0.0.1' }])
      expect(() => inet.pack(bad as never)).toThrow(TypeError)
    for (const bad of [
      { host: 'localhost', port: 1 },
      { host: '::1', port: 1 },
      { host: '127.0.0.1', port: -1 },
    ])
      expect(() => inet.pack(bad)).toThrow(RangeError)
    expect(() => unix.pack({ host: '127.0.0.1', port: 1 })).toThrow(TypeError)
    expect(unix.pack('x'.repeat(200))).toBe(-constants['ENAMETOOLONG']!)
  })

  it('an unnamed peer is null', () => {
    const { book: pages } = book(AF_UNIX!)
    expect(pages.unpack(Buffer.alloc(10), 0, 0)).toBe(null)
  })
})
