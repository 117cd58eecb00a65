import { inspect } from 'node:util'
import { IncompleteReadError, LimitOverrunError, LoopError, NotImplementedError } from '../errors/index.js'
import { Future } from '../futures/future.js'
import type { EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import { type Abortable, abortable, abortError } from '../tasks/abortable.js'
import type { ReadTransport } from '../transports/transport.js'
import { ChunkList } from './chunk_list.js'
import { type Match, newline, type Separator, Separators } from './separators.js'

/** How many bytes a line may have, and half of what a reader buffers before it pauses its transport. */
export const defaultLimit = 64 * 1024

const nothing = Buffer.alloc(0)

/**
 * The receiving half of a stream. What has arrived is given at once, without a turn of the loop; a read that has to wait
 * and is cancelled loses no byte. One read at a time.
 *
 * ```ts
 * import { run, StreamReader } from '@loop/core'
 *
 * await run(async () => {
 *   const reader = new StreamReader()
 *   reader.feedData(Buffer.from('a line\n\x00\x02hi'))
 *   reader.feedEof()
 *   console.log(String(await reader.readline()).trim())
 *   const length = (await reader.readexactly(2)).readUInt16BE()
 *   console.log(String(await reader.readexactly(length)), reader.atEof())
 * })
 * ```
 * prints
 * ```text
 * a line
 * hi true
 * ```
 *
 * asyncio: `StreamReader`.
 */
export class StreamReader implements AsyncIterable<Buffer> {
  readonly #loop: EventLoop
  readonly #limit: number
  readonly #chunks = new ChunkList()
  #transport: ReadTransport | null = null
  #paused = false
  #eof = false
  #exception: Error | null = null
  /** The read that waits, until its code goes on. */
  #waiter: Future<void> | null = null
  /** It has been told that there is something for it. */
  #woken = false
  /** Whether what is there is enough for it; asked whenever more has come. */
  #enough: () => boolean = always

  /**
   * @param options `limit`: bytes a line may have (64 KiB); the transport is paused above twice as many.
   *   `loop`: the running loop if left out
   * @throws RangeError for a limit that is not above 0
   */
  constructor(options: { limit?: number | undefined; loop?: EventLoop | undefined } = {}) {
    const { limit = defaultLimit } = options
    checkLimit(limit)
    this.#limit = limit
    this.#loop = options.loop ?? getRunningLoop()
  }

  // ---- the feeding side

  /** The error that ended the stream, or null. */
  exception(): Error | null {
    return this.#exception
  }

  /** Ends the stream with an error: the waiting read rejects with it, and so does every later one. */
  setException(exception: Error): void {
    this.#exception = exception
    const waiter = this.#waiter
    if (waiter !== null && !waiter.done()) waiter.setException(exception)
  }

  /** Where the bytes come from, to be paused when they are not read. Once only. */
  setTransport(transport: ReadTransport): void {
    if (this.#transport !== null) throw new LoopError('The reader has a transport already', 'ERR_LOOP_STATE')
    this.#transport = transport
  }

  /** @internal the same connection goes on over TLS */
  _replaceTransport(transport: ReadTransport): void {
    this.#transport = transport
  }

  /** @internal what arrived and was not read yet: it is the beginning of the peer's TLS handshake */
  _takeBuffered(): Buffer {
    return this.#take(Number.POSITIVE_INFINITY)
  }

  /** Appends what arrived. The reader keeps `data` itself, and hands out parts of it. */
  feedData(data: Uint8Array): void {
    if (this.#eof) throw new LoopError('feedData() after feedEof()', 'ERR_LOOP_STATE')
    if (data.length === 0) return
    this.#chunks.push(Buffer.isBuffer(data) ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    const waits = this.#waiter !== null && !this.#waiter.done()
    // A read for more than the limit must not be starved by a pause.
    if (waits && !this.#enough()) return
    this.#wake()
    if (this.#chunks.length > 2 * this.#limit && !this.#paused) this.#pause()
  }

  /** The peer sends no more. */
  feedEof(): void {
    this.#eof = true
    this.#wake()
  }

  /** Whether the stream has ended and everything was read. */
  atEof(): boolean {
    return this.#eof && this.#chunks.length === 0
  }

  // ---- reading

  /**
   * Some bytes: as many as are there, at most `n`, at least one; empty at the end of the stream.
   * @param n bytes; -1, or left out: everything up to the end of the stream
   */
  read(n = -1, options?: Abortable): Promise<Buffer> {
    mustBeInteger(n)
    const refusal = this.#refusal('read', options)
    if (refusal !== null) return Promise.reject(refusal)
    if (n === 0) return Promise.resolve(nothing)
    if (n < 0) {
      if (this.#eof) return Promise.resolve(this.#take(Number.POSITIVE_INFINITY))
      return this.#arrival(never, options, () => this.#take(Number.POSITIVE_INFINITY))
    }
    if (this.#chunks.length > 0 || this.#eof) return Promise.resolve(this.#take(n))
    return this.#arrival(always, options, () => this.#take(n))
  }

  /**
   * Exactly `n` bytes, also more than the limit.
   * @throws IncompleteReadError (rejection) with what did arrive, if the stream ends before
   */
  readexactly(n: number, options?: Abortable): Promise<Buffer> {
    mustBeInteger(n)
    if (n < 0) throw new RangeError(`readexactly() takes a number of bytes from 0 on, not ${n}`)
    const refusal = this.#refusal('readexactly', options)
    if (refusal !== null) return Promise.reject(refusal)
    if (this.#chunks.length >= n) return Promise.resolve(this.#take(n))
    const exactly = () => {
      if (this.#chunks.length < n) throw new IncompleteReadError(this.#take(Number.POSITIVE_INFINITY), n)
      return this.#take(n)
    }
    if (this.#eof) return new Promise((resolve) => resolve(exactly()))
    return this.#arrival(() => this.#chunks.length >= n, options, exactly)
  }

  /**
   * Everything up to the separator and the separator itself.
   * @param separator a string (as UTF-8) or bytes; of several the one that ends first
   * @throws IncompleteReadError (rejection) with what did arrive, if the stream ends before; LimitOverrunError if it is
   *   not within the limit, and then nothing is consumed
   */
  readuntil(separator: Separator | readonly Separator[] = '\n', options?: Abortable): Promise<Buffer> {
    const separators = separator === '\n' ? newline : new Separators(separator)
    return this.#search('readuntil', separators, this.#until, options)
  }

  /**
   * A line with its newline; what is left at the end of the stream, then empty.
   * @throws RangeError (rejection) for a line above the limit; it is dropped up to its newline, or as far as it has come
   */
  readline(options?: Abortable): Promise<Buffer> {
    return this.#search('readline', newline, this.#line, options)
  }

  /** By line, up to the end of the stream. */
  [Symbol.asyncIterator](): AsyncIterator<Buffer, undefined> {
    const result = (value: Buffer): IteratorResult<Buffer, undefined> =>
      value.length === 0 ? { value: undefined, done: true } : { value, done: false }
    return { next: () => this.readline().then(result) }
  }

  #search(
    name: string,
    separators: Separators,
    conclude: (search: Search) => Buffer,
    options: Abortable | undefined,
  ): Promise<Buffer> {
    const refusal = this.#refusal(name, options)
    if (refusal !== null) return Promise.reject(refusal)
    const search: Search = { separators, from: 0, match: null }
    if (!this.#look(search) && !this.#eof) {
      return this.#arrival(
        () => this.#look(search),
        options,
        () => conclude.call(this, search),
      )
    }
    try {
      return Promise.resolve(conclude.call(this, search))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Whether the search is over: the separator is there, or is not within the limit. */
  #look(search: Search): boolean {
    const { separators } = search
    if (this.#chunks.length - search.from < separators.shortest) return false
    search.match = separators.find(this.#chunks, search.from)
    if (search.match !== null) return true
    search.from = Math.max(0, this.#chunks.length + 1 - separators.longest)
    return search.from > this.#limit
  }

  #until({ match, from }: Search): Buffer {
    if (match === null) {
      if (from > this.#limit) throw new LimitOverrunError(`The separator is not within ${this.#limit} bytes`, from)
      throw new IncompleteReadError(this.#take(Number.POSITIVE_INFINITY), null)
    }
    if (match.start <= this.#limit) return this.#take(match.end)
    throw new LimitOverrunError(`The separator comes after more than ${this.#limit} bytes`, match.start)
  }

  #line(search: Search): Buffer {
    const { match, from } = search
    if (match === null && from <= this.#limit) return this.#take(Number.POSITIVE_INFINITY)
    if (match !== null && match.start <= this.#limit) return this.#take(match.end)
    this.#take(match?.end ?? Number.POSITIVE_INFINITY)
    throw new RangeError(`A line is longer than the reader's limit of ${this.#limit} bytes`)
  }

  // ---- waiting

  /** Why no read may begin now, or null. */
  #refusal(name: string, options: Abortable | undefined): Error | null {
    if (this.#exception !== null) return this.#exception
    if (options?.signal?.aborted) return abortError(options.signal)
    // A waiter that ended otherwise than by data was cancelled: its bytes are for the next read.
    if (this.#waiter === null || (this.#waiter.done() && !this.#woken)) return null
    return new LoopError(
      `${name}() called while another read waits for this reader's data: one read at a time`,
      'ERR_LOOP_STATE',
    )
  }

  /**
   * Waits until there is `enough` or the stream ends. `consume` runs when this read has its turn in the loop, so that a
   * cancellation before then leaves the bytes where they are.
   */
  #arrival(enough: () => boolean, options: Abortable | undefined, consume: () => Buffer): Promise<Buffer> {
    // Nobody else would resume it while everybody waits for data.
    if (this.#paused) this.#resume()
    const waiter = new Future<void>({ loop: this.#loop })
    this.#waiter = waiter
    this.#woken = false
    this.#enough = enough
    return abortable(waiter, options?.signal).then(
      () => {
        this.#waiter = null
        return consume()
      },
      (error: unknown) => {
        if (this.#waiter === waiter) this.#waiter = null
        throw error
      },
    )
  }

  #wake(): void {
    const waiter = this.#waiter
    if (waiter === null || waiter.done()) return
    this.#woken = true
    waiter.setResult()
  }

  #take(n: number): Buffer {
    const chunks = this.#chunks
    if (chunks.length === 0) return nothing
    const taken = n >= chunks.length ? chunks.takeAll() : chunks.take(n)
    if (this.#paused && chunks.length <= this.#limit) this.#resume()
    return taken
  }

  #pause(): void {
    if (this.#transport === null) return
    try {
      this.#transport.pauseReading()
      this.#paused = true
    } catch (error) {
      if (!(error instanceof NotImplementedError)) throw error
      // It cannot be paused, so everything has to be buffered; it need not be asked again.
      this.#transport = null
    }
  }

  #resume(): void {
    this.#paused = false
    this.#transport?.resumeReading()
  }

  [inspect.custom](): string {
    const parts = ['StreamReader']
    if (this.#chunks.length > 0) parts.push(`${this.#chunks.length} bytes`)
    if (this.#eof) parts.push('eof')
    if (this.#limit !== defaultLimit) parts.push(`limit=${this.#limit}`)
    if (this.#waiter !== null) parts.push('waiting')
    if (this.#exception !== null) parts.push(`exception=${this.#exception}`)
    if (this.#paused) parts.push('paused')
    return `<${parts.join(' ')}>`
  }
}

/** How far the search for a separator has come: none begins before `from`. */
interface Search {
  readonly separators: Separators
  from: number
  match: Match | null
}

const always = () => true
const never = () => false

/** @throws TypeError, or RangeError for a limit that is not above 0 */
export function checkLimit(limit: unknown): void {
  if (typeof limit !== 'number') throw new TypeError(`limit must be a number of bytes, not ${inspect(limit)}`)
  if (!(limit > 0)) throw new RangeError(`limit must be above 0, not ${limit}`)
}

function mustBeInteger(n: unknown): void {
  if (Number.isInteger(n)) return
  if (typeof n === 'number') throw new RangeError(`A number of bytes must be an integer, not ${n}`)
  throw new TypeError(`A number of bytes must be a number, not ${inspect(n)}`)
}
