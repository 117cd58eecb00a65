/** Chunks shorter than this are gathered, so that a peer that sends byte by byte does not make a list of bytes. */
const small = 1024
const roomSize = 4096

/**
 * Bytes in the pieces in which they came, read as one sequence. Taking from the front copies nothing as long as the
 * bytes lie in one piece; one growing buffer would copy everything that is left after every small read.
 */
export class ChunkList {
  readonly #chunks: Buffer[] = []
  /** Where the list begins in `#chunks`; taking from the front of an array at every read would move the rest. */
  #first = 0
  /** How much of the first chunk was taken. */
  #offset = 0
  #length = 0
  /** The memory under the last chunk, where that one has space left for small ones. */
  #room: Buffer | null = null

  get length(): number {
    return this.#length
  }

  /** `data` is kept, not copied, unless it is small and something is before it. */
  push(data: Buffer): void {
    this.#length += data.length
    const chunks = this.#chunks
    const last = chunks.length - 1
    if (last >= this.#first && data.length < small && this.#gather(chunks[last]!, last, data)) return
    this.#room = null
    chunks.push(data)
  }

  /** Takes the first `n` bytes; there must be as many. */
  take(n: number): Buffer {
    const head = this.#chunks[this.#first]
    if (head === undefined || n === 0) return Buffer.alloc(0)
    const end = this.#offset + n
    if (end > head.length) return this.#takeAcross(n)
    const taken = this.#offset === 0 && end === head.length ? head : head.subarray(this.#offset, end)
    this.#drop(n)
    return taken
  }

  takeAll(): Buffer {
    return this.take(this.#length)
  }

  /** Where `needle` begins, counted from the front, at `from` or later; -1 if it is not there. */
  indexOf(needle: Buffer, from: number): number {
    const chunks = this.#chunks
    let begin = 0
    for (let i = this.#first; i < chunks.length; i++) {
      const chunk = chunks[i]!
      const skipped = i === this.#first ? this.#offset : 0
      const end = begin + chunk.length - skipped
      if (from < end) {
        const found = chunk.indexOf(needle, Math.max(from - begin, 0) + skipped)
        if (found !== -1) return begin + found - skipped
        if (needle.length > 1 && end < this.#length) {
          // It may begin in the last bytes of this chunk and end in a later one.
          const start = Math.max(from, begin, end - needle.length + 1)
          const crossing = this.peek(start, end + needle.length - 1).indexOf(needle)
          if (crossing !== -1) return start + crossing
        }
      }
      begin = end
    }
    return -1
  }

  /** A copy of the bytes from `start` up to `end`, or as many as there are. */
  peek(start: number, end: number): Buffer {
    const copy = Buffer.allocUnsafe(Math.max(0, Math.min(end, this.#length) - start))
    let begin = 0
    for (let i = this.#first; i < this.#chunks.length && begin < start + copy.length; i++) {
      const chunk = this.#chunks[i]!
      const skipped = i === this.#first ? this.#offset : 0
      const from = Math.max(start - begin, 0) + skipped
      if (from < chunk.length) chunk.copy(copy, Math.max(begin - start, 0), from)
      begin += chunk.length - skipped
    }
    return copy
  }

  #takeAcross(n: number): Buffer {
    // Not from Node's pool: what users get must not show them other connections' bytes through its `buffer`.
    const taken = Buffer.allocUnsafeSlow(n)
    let filled = 0
    while (filled < n) {
      const head = this.#chunks[this.#first]!
      const copied = head.copy(taken, filled, this.#offset)
      this.#drop(copied)
      filled += copied
    }
    return taken
  }

  /** Forgets `n` bytes, all of the first chunk. */
  #drop(n: number): void {
    this.#length -= n
    this.#offset += n
    if (this.#offset < this.#chunks[this.#first]!.length) return
    this.#offset = 0
    if (this.#length === 0) {
      // Nearly always there was one; setting the length throws the array's memory away.
      if (this.#chunks.length === 1) this.#chunks.pop()
      else this.#chunks.length = 0
      this.#first = 0
      this.#room = null
    } else if (++this.#first >= 32 && this.#first * 2 >= this.#chunks.length) {
      this.#chunks.splice(0, this.#first)
      this.#first = 0
    } else {
      this.#chunks[this.#first - 1] = empty
    }
  }

  /** Puts `data` behind the last chunk, into memory of our own. What was handed out lies before it and stays as it is. */
  #gather(tail: Buffer, last: number, data: Buffer): boolean {
    if (this.#room === null || tail.length + data.length > this.#room.length) {
      if (tail.length >= small) return false
      this.#room = Buffer.allocUnsafeSlow(roomSize)
      tail.copy(this.#room)
    }
    data.copy(this.#room, tail.length)
    this.#chunks[last] = this.#room.subarray(0, tail.length + data.length)
    return true
  }
}

/** Stands where a chunk was, so that its memory can be freed. */
const empty = Buffer.alloc(0)
