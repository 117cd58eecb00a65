import { describe, expect, it } from 'vitest'
import { OUTGOING_DATA, OUTGOING_MAX } from '../../src/backend/contract.js'
import type { PackedAddress } from '../../src/sockets/address_book.js'
import { DatagramQueue } from '../../src/transports/datagram_queue.js'
import { Outbox } from '../../src/transports/outbox.js'

const address = (number: number): PackedAddress => ({ bytes: new Uint8Array(16).fill(number), address: `${number}` })

/** What a native call would see: texts and the number of each one's address, or -1. */
function seen(box: Outbox, count: number): [string, number][] {
  const found: [string, number][] = []
  const ops = {
    sendmmsg(_fd: number, slab: Uint8Array, from: number, upto: number): number {
      const bytes = Buffer.from(slab.buffer, slab.byteOffset, slab.byteLength)
      for (let index = from; index < upto; index++) {
        const word = (number: number) => bytes.readInt32LE(16 + index * 16 + number * 4)
        const place = word(2) < 0 ? -1 : bytes[16 + 64 * 16 + word(2) * 128]!
        found.push([bytes.toString('latin1', word(0), word(0) + word(1)), place])
      }
      return upto - from
    },
  }
  box.send(ops as never, 3, 0, count, 0, false)
  return found
}

describe('Outbox', () => {
  it('lays datagrams out one behind the other, and each address once in a row', () => {
    const box = Outbox.of({})
    const owner = { _flush: () => box.clear() }
    box.claim(owner)
    const [one, two] = [address(1), address(2)]
    for (const [text, to] of [
      ['a', one],
      ['', one],
      ['bc', two],
      ['d', one],
      ['e', null],
    ] as const) {
      box.add(Buffer.from(text), to)
    }
    expect(box.countOf(owner)).toBe(5)
    expect(seen(box, 5)).toEqual([
      ['a', 1],
      ['', 1],
      ['bc', 2],
      ['d', 1],
      ['e', -1],
    ])
    expect([box.copyOf(2).toString(), box.destinationOf(2), box.destinationOf(4)]).toEqual(['bc', two, null])
    box.clear()
    expect(box.countOf(owner)).toBe(0)
  })

  it('has one owner at a time, whom the next makes flush', () => {
    const box = Outbox.of({})
    const flushed: string[] = []
    const owners = ['a', 'b'].map((name) => ({
      _flush() {
        flushed.push(name)
        box.clear()
      },
    }))
    box.claim(owners[0]!)
    box.add(Buffer.from('x'), null)
    box.claim(owners[0]!)
    expect(flushed).toEqual([])
    box.claim(owners[1]!)
    expect(flushed).toEqual(['a'])
    expect(box.countOf(owners[0]!)).toBe(0)
  })

  it('has room for so many datagrams and so many bytes', () => {
    const box = Outbox.of({})
    const owner = { _flush: () => box.clear() }
    box.claim(owner)
    for (let index = 0; index < OUTGOING_MAX; index++) {
      expect(box.hasRoom(0)).toBe(true)
      box.add(new Uint8Array(0), null)
    }
    expect(box.hasRoom(0)).toBe(false)
    box.clear()
    expect(Outbox.fits(65536)).toBe(true)
    expect(Outbox.fits(65537)).toBe(false)
    box.add(new Uint8Array(65536), null)
    expect([box.hasRoom(0), box.hasRoom(1)]).toEqual([true, false])
    expect(OUTGOING_DATA % 4).toBe(0)
  })
})

describe('DatagramQueue', () => {
  it('counts 8 bytes more for each datagram', () => {
    const queue = new DatagramQueue()
    expect([queue.size, queue.count]).toEqual([0, 0])
    queue.push(Buffer.alloc(10), null)
    queue.push(Buffer.alloc(0), null)
    expect([queue.size, queue.count]).toEqual([26, 2])
    expect(queue.at(0).data.length).toBe(10)
    queue.drop(1)
    expect([queue.size, queue.count, queue.at(0).data.length]).toEqual([8, 1, 0])
    queue.drop(1)
    expect([queue.size, queue.count]).toEqual([0, 0])
    queue.push(Buffer.alloc(1), null)
    queue.clear()
    expect([queue.size, queue.count]).toEqual([0, 0])
  })
})
