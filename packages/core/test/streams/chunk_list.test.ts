import { describe, expect, it } from 'vitest'
import { ChunkList } from '../../src/streams/chunk_list.js'

/** A small generator of numbers, seeded, so that a failure can be repeated. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe('ChunkList', () => {
  it('takes whole chunks without copying them', () => {
    const list = new ChunkList()
    const first = Buffer.alloc(2000, 1)
    list.push(first)
    expect(list.take(2000)).toBe(first)
    expect(list.length).toBe(0)
  })

  it('takes parts of a chunk as views of it', () => {
    const list = new ChunkList()
    const chunk = Buffer.alloc(2000, 1)
    list.push(chunk)
    const taken = list.take(3)
    expect(taken.buffer).toBe(chunk.buffer)
    expect(list.length).toBe(1997)
  })

  it('leaves what was handed out as it is when small chunks follow', () => {
    const list = new ChunkList()
    list.push(Buffer.from('abc'))
    list.push(Buffer.from('def'))
    const taken = list.take(4)
    list.push(Buffer.from('ghi'))
    expect(taken.toString()).toBe('abcd')
    expect(list.takeAll().toString()).toBe('efghi')
  })

  it('finds a needle that lies across several chunks', () => {
    const list = new ChunkList()
    for (const piece of ['x'.repeat(1500), `${'y'.repeat(1500)}E`, `N${'z'.repeat(1500)}`])
      list.push(Buffer.from(piece))
    expect(list.indexOf(Buffer.from('EN'), 0)).toBe(3000)
    expect(list.indexOf(Buffer.from('EN'), 3000)).toBe(3000)
    expect(list.indexOf(Buffer.from('EN'), 3001)).toBe(-1)
  })

  it.each([1, 2, 3, 4, 5])('does what one buffer would, for any pieces (seed %i)', (seed) => {
    const random = numbers(seed)
    const list = new ChunkList()
    let whole = Buffer.alloc(0)
    for (let step = 0; step < 800; step++) {
      const act = random(4)
      if (act < 2) {
        const size = random(10) === 0 ? random(5000) : random(6)
        const data = Buffer.from(Array.from({ length: size }, () => 97 + random(3)))
        if (size > 0) list.push(data)
        whole = Buffer.concat([whole, data])
      } else if (act === 2) {
        const n = random(random(8) === 0 ? whole.length + 1 : Math.min(whole.length, 10) + 1)
        expect(list.take(n)).toEqual(whole.subarray(0, n))
        whole = whole.subarray(n)
      } else {
        const needle = Buffer.from(Array.from({ length: 1 + random(4) }, () => 97 + random(3)))
        const from = random(whole.length + 2)
        expect(list.indexOf(needle, from)).toBe(whole.indexOf(needle, from))
        const end = from + random(20)
        expect(list.peek(Math.min(from, whole.length), end)).toEqual(whole.subarray(Math.min(from, whole.length), end))
      }
      expect(list.length).toBe(whole.length)
    }
  })
})
