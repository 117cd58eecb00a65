import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CancelledError,
  IncompleteReadError,
  LimitOverrunError,
  LoopError,
  StreamReader,
  sleep,
  Transport,
} from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

let loop: VirtualClockEventLoop
let reader: StreamReader

beforeEach(() => {
  loop = new VirtualClockEventLoop()
  reader = new StreamReader({ loop })
})

afterEach(() => loop.close())

const run = <T>(main: () => Promise<T>) => loop.runUntilComplete(main)
const text = async (read: Promise<Buffer>) => (await read).toString()
const feed = (...pieces: string[]) => {
  for (const piece of pieces) reader.feedData(Buffer.from(piece))
}
const limited = (limit: number) => {
  reader = new StreamReader({ limit, loop })
}

/** Records what a reader asks of its transport. */
class Pausable extends Transport {
  readonly calls: string[] = []
  override pauseReading(): void {
    this.calls.push('pause')
  }
  override resumeReading(): void {
    this.calls.push('resume')
  }
}

describe('StreamReader.read', () => {
  it('[STRE-01] gives at least one byte and at most n, nothing for 0, nothing at the end', () =>
    run(async () => {
      expect(await text(reader.read(0))).toBe('')
      feed('abc', 'defg')
      expect(await text(reader.read(5))).toBe('abcde')
      expect(await text(reader.read(5))).toBe('fg')
      loop.callSoon(() => feed('hij'))
      expect(await text(reader.read(2))).toBe('hi')
      reader.feedEof()
      expect(await text(reader.read(5))).toBe('j')
      expect(await text(reader.read(5))).toBe('')
    }))

  it('[STRE-02] read() and read(-1) read up to the end', () =>
    run(async () => {
      feed('one ')
      loop.callSoon(() => {
        feed('two ')
        loop.callSoon(() => {
          feed('three')
          reader.feedEof()
        })
      })
      expect(await text(reader.read())).toBe('one two three')
      expect(await text(reader.read(-1))).toBe('')
    }))

  it('gives what is there without a turn of the loop', () =>
    run(async () => {
      feed('x'.repeat(100))
      let turns = 0
      const count = () => {
        turns++
        loop.callSoon(count)
      }
      loop.callSoon(count)
      for (let i = 0; i < 100; i++) await reader.read(1)
      expect(turns).toBe(0)
    }))

  it('[STRE-16] an exception wakes the read that waits, and every later read throws it', () =>
    run(async () => {
      const error = new Error('broken')
      loop.callSoon(() => reader.setException(error))
      await expect(reader.read(1)).rejects.toBe(error)
      await expect(reader.read(1)).rejects.toBe(error)
      await expect(reader.readline()).rejects.toBe(error)
      await expect(reader.readexactly(1)).rejects.toBe(error)
      expect(reader.exception()).toBe(error)
    }))

  it('[STRE-17] a cancelled read can be followed by another', () =>
    run(async () => {
      const task = loop.createTask(() => reader.readline())
      await sleep(0)
      task.cancel()
      await expect(task).rejects.toThrow(CancelledError)
      feed('line\n')
      expect(await text(reader.readline())).toBe('line\n')
    }))

  it('[STRE-17] bytes that come in the very pass of the cancellation are for the next read', () =>
    run(async () => {
      for (const read of [
        () => reader.read(4),
        () => reader.readexactly(4),
        () => reader.readline(),
        () => reader.read(),
      ]) {
        const task = loop.createTask(read)
        await sleep(0)
        feed('abc\n')
        task.cancel()
        await expect(task).rejects.toThrow(CancelledError)
        expect(await text(reader.readexactly(4))).toBe('abc\n')
      }
    }))

  it('[STRE-18] two reads at once are an error', () =>
    run(async () => {
      const first = reader.read(1)
      const refused = { name: 'LoopError', code: 'ERR_LOOP_STATE' }
      await expect(reader.read(1)).rejects.toMatchObject(refused)
      await expect(reader.readexactly(1)).rejects.toMatchObject(refused)
      await expect(reader.readline()).rejects.toBeInstanceOf(LoopError)
      feed('ab')
      // The first has been told of its data, and has not gone on yet.
      await expect(reader.read(2)).rejects.toMatchObject(refused)
      expect(await text(first)).toBe('a')
      expect(await text(reader.read(1))).toBe('b')
    }))

  it('a signal ends the wait, and no byte is lost', () =>
    run(async () => {
      const abort = new AbortController()
      loop.callSoon(() => abort.abort('enough'))
      await expect(reader.read(1, { signal: abort.signal })).rejects.toMatchObject({
        name: 'CancelledError',
        cause: 'enough',
      })
      feed('a')
      await expect(reader.read(1, { signal: abort.signal })).rejects.toThrow(CancelledError)
      expect(await text(reader.read(1))).toBe('a')
    }))

  it('[STRE-19] atEof only after the end and with nothing left', () =>
    run(async () => {
      expect(reader.atEof()).toBe(false)
      feed('a')
      reader.feedEof()
      expect(reader.atEof()).toBe(false)
      await reader.read(1)
      expect(reader.atEof()).toBe(true)
    }))

  it('refuses what is no count at the call', () => {
    expect(() => reader.read('1' as never)).toThrow(TypeError)
    expect(() => reader.read(1.5)).toThrow(RangeError)
    expect(() => reader.read(Number.NaN)).toThrow(RangeError)
  })

  it('[STRE-15] a limit must be above 0', () => {
    expect(() => new StreamReader({ limit: 0, loop })).toThrow(RangeError)
    expect(() => new StreamReader({ limit: -1, loop })).toThrow(RangeError)
    expect(() => new StreamReader({ limit: '1' as never, loop })).toThrow(TypeError)
  })
})

describe('StreamReader.readline', () => {
  it('[STRE-03] gives the line with its newline, the rest at the end, then nothing', () =>
    run(async () => {
      feed('line1\nrest')
      expect(await text(reader.readline())).toBe('line1\n')
      loop.callSoon(() => reader.feedEof())
      expect(await text(reader.readline())).toBe('rest')
      expect(await text(reader.readline())).toBe('')
    }))

  it('[STRE-04] puts lines together that came in pieces', () =>
    run(async () => {
      feed('li', 'ne1\nli')
      expect(await text(reader.readline())).toBe('line1\n')
      loop.callSoon(() => {
        feed('ne')
        loop.callSoon(() => feed('2\nline3\n'))
      })
      expect(await text(reader.readline())).toBe('line2\n')
      expect(await text(reader.readline())).toBe('line3\n')
    }))

  it('[STRE-05] drops a line above the limit, up to its newline', () =>
    run(async () => {
      limited(3)
      feed('li', 'ne1\n', 'li\n')
      await expect(reader.readline()).rejects.toThrow(RangeError)
      expect(await text(reader.readline())).toBe('li\n')
      feed('line1\nline2\n')
      await expect(reader.readline()).rejects.toThrow(RangeError)
      await expect(reader.readline()).rejects.toThrow(RangeError)
      feed('ok\n')
      expect(await text(reader.readline())).toBe('ok\n')
    }))

  it('[STRE-06] drops everything where an over-long line has no newline', () =>
    run(async () => {
      limited(7)
      loop.callSoon(() => {
        feed('chunk1')
        loop.callSoon(() => feed('chunk2'))
      })
      await expect(reader.readline()).rejects.toThrow(RangeError)
      feed('ok\n')
      expect(await text(reader.readline())).toBe('ok\n')
    }))

  it('[STRE-20] iteration gives lines', () =>
    run(async () => {
      feed('a\nb\n\nrest')
      reader.feedEof()
      const lines: string[] = []
      for await (const line of reader) lines.push(line.toString())
      expect(lines).toEqual(['a\n', 'b\n', '\n', 'rest'])
    }))
})

describe('StreamReader.readuntil', () => {
  it('[STRE-07] finds separators of several bytes across chunks', () =>
    run(async () => {
      feed('line1SE')
      loop.callSoon(() => {
        feed('P')
        loop.callSoon(() => feed('ARATORline2'))
      })
      expect(await text(reader.readuntil('SEPARATOR'))).toBe('line1SEPARATOR')
      feed('SEPSEPARATORSEPARATOR')
      expect(await text(reader.readuntil(Buffer.from('SEPARATOR')))).toBe('line2SEPSEPARATOR')
      expect(await text(reader.readuntil('SEPARATOR'))).toBe('SEPARATOR')
    }))

  it('[STRE-07] finds a separator that comes byte by byte', () =>
    run(async () => {
      const bytes = [...`${'a'.repeat(3000)}ABABC`]
      const next = () => {
        feed(bytes.shift()!)
        if (bytes.length > 0) loop.callSoon(next)
      }
      loop.callSoon(next)
      expect((await reader.readuntil('ABABC')).length).toBe(3005)
    }))

  it('[STRE-08] above the limit it says how much can be consumed, and consumes nothing', () =>
    run(async () => {
      limited(3)
      feed('some dataSEP')
      const error = await reader.readuntil('SEP').catch((e) => e)
      expect(error).toBeInstanceOf(LimitOverrunError)
      expect(error.consumed).toBe(9)
      expect(await text(reader.readexactly(12))).toBe('some dataSEP')
      feed('other dataSE')
      const unseen = await reader.readuntil('SEP').catch((e) => e)
      expect(unseen.consumed).toBe(10)
      expect(await text(reader.read(100))).toBe('other dataSE')
    }))

  it('[STRE-09] at the end it rejects with what did come, and the buffer is empty', () =>
    run(async () => {
      feed('dataSE')
      reader.feedEof()
      const error = await reader.readuntil('SEP').catch((e) => e)
      expect(error).toBeInstanceOf(IncompleteReadError)
      expect([error.partial.toString(), error.expected]).toEqual(['dataSE', null])
      expect(await text(reader.read())).toBe('')
    }))

  it('[STRE-10] refuses an empty separator, none, and what is none', () => {
    expect(() => reader.readuntil('')).toThrow(RangeError)
    expect(() => reader.readuntil([])).toThrow(RangeError)
    expect(() => reader.readuntil(['a', ''])).toThrow(RangeError)
    expect(() => reader.readuntil(7 as never)).toThrow(TypeError)
  })

  it('[STRE-11] of several separators the match that ends first wins', () =>
    run(async () => {
      feed('line1\nline2\r\nline3ABCABD')
      expect(await text(reader.readuntil(['\r\n', '\n']))).toBe('line1\n')
      expect(await text(reader.readuntil(['\n', '\r']))).toBe('line2\r')
      expect(await text(reader.readuntil(['\n', '\r']))).toBe('\n')
      expect(await text(reader.readuntil(['CABD', 'ABC']))).toBe('line3ABC')
      loop.callSoon(() => feed('Ethe'))
      expect(await text(reader.readuntil(['e', 'DE']))).toBe('ABDE')
    }))
})

describe('StreamReader.readexactly', () => {
  it('[STRE-12] gives exactly n bytes, or rejects with what did come', () =>
    run(async () => {
      feed('ab')
      loop.callSoon(() => {
        feed('c')
        loop.callSoon(() => feed('def'))
      })
      expect(await text(reader.readexactly(5))).toBe('abcde')
      loop.callSoon(() => reader.feedEof())
      const error = await reader.readexactly(5).catch((e) => e)
      expect(error).toBeInstanceOf(IncompleteReadError)
      expect([error.partial.toString(), error.expected]).toEqual(['f', 5])
      expect(await text(reader.read())).toBe('')
      await expect(reader.readexactly(1)).rejects.toThrow(IncompleteReadError)
    }))

  it('[STRE-13] readexactly(0) is empty, a negative count a RangeError', () =>
    run(async () => {
      feed('ab')
      expect(await text(reader.readexactly(0))).toBe('')
      expect(() => reader.readexactly(-1)).toThrow(RangeError)
      expect(await text(reader.read(2))).toBe('ab')
    }))

  it('[STRE-14] may exceed the limit', () =>
    run(async () => {
      limited(3)
      const transport = new Pausable()
      reader.setTransport(transport)
      loop.callSoon(() => {
        feed('chunk1')
        loop.callSoon(() => {
          feed('chunk2')
          loop.callSoon(() => feed('chunk3!'))
        })
      })
      expect(await text(reader.readexactly(18))).toBe('chunk1chunk2chunk3')
      expect(transport.calls.filter((call) => call === 'pause').length).toBe(
        transport.calls.filter((call) => call === 'resume').length,
      )
    }))
})

describe('StreamReader and its transport', () => {
  it('[STRE-21] pauses it above twice the limit and resumes it at the limit', () =>
    run(async () => {
      limited(4)
      const transport = new Pausable()
      reader.setTransport(transport)
      feed('12345678')
      expect(transport.calls).toEqual([])
      feed('9')
      expect(transport.calls).toEqual(['pause'])
      await reader.read(4)
      expect(transport.calls).toEqual(['pause'])
      await reader.read(1)
      expect(transport.calls).toEqual(['pause', 'resume'])
    }))

  it('[STRE-22] a read that has to wait resumes a paused transport first', () =>
    run(async () => {
      limited(4)
      const transport = new Pausable()
      reader.setTransport(transport)
      feed('123456789')
      const read = reader.readexactly(12)
      expect(transport.calls).toEqual(['pause', 'resume'])
      feed('0ab')
      expect(await text(read)).toBe('1234567890ab')
    }))

  it('goes on buffering where the transport cannot be paused', () =>
    run(async () => {
      limited(1)
      reader.setTransport(new (class extends Transport {})())
      feed('1234', '5678')
      reader.feedEof()
      expect(await text(reader.read())).toBe('12345678')
    }))

  it('takes one transport, and no data after the end', () => {
    reader.setTransport(new Pausable())
    expect(() => reader.setTransport(new Pausable())).toThrow(LoopError)
    reader.feedEof()
    expect(() => feed('late')).toThrow(LoopError)
  })
})
