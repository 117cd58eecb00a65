import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type Data,
  type ExceptionContext,
  StreamReader,
  StreamReaderProtocol,
  StreamWriter,
  sleep,
  type Task,
  Transport,
} from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

let loop: VirtualClockEventLoop
let reader: StreamReader
let protocol: StreamReaderProtocol
let transport: Recorder
let writer: StreamWriter
let reports: ExceptionContext[]

/** A transport that only remembers what it was asked. */
class Recorder extends Transport {
  written = ''
  closing = false
  override write(data: Data): void {
    this.written += data
  }
  override writelines(chunks: Iterable<Data>): void {
    for (const chunk of chunks) this.write(chunk)
  }
  override isClosing(): boolean {
    return this.closing
  }
  override close(): void {
    this.closing = true
  }
}

beforeEach(() => {
  loop = new VirtualClockEventLoop()
  reports = []
  loop.setExceptionHandler((_loop, context) => reports.push(context))
  transport = new Recorder()
  reader = new StreamReader({ loop })
  protocol = new StreamReaderProtocol(reader, null, { loop })
  protocol.connectionMade(transport)
  writer = new StreamWriter(transport, protocol, reader, loop)
})

afterEach(() => {
  writer.close()
  loop.close()
})

const run = <T>(main: () => Promise<T>) => loop.runUntilComplete(main)
const lost = { code: 'ECONNRESET' }

async function passes(n = 3): Promise<void> {
  for (let i = 0; i < n; i++) await sleep(0)
}

describe('StreamWriter.drain', () => {
  it('[SASS-03] waits while the protocol is paused', () =>
    run(async () => {
      await writer.drain()
      protocol.pauseWriting()
      const task = loop.createTask(() => writer.drain())
      await passes()
      expect(task.done()).toBe(false)
      protocol.resumeWriting()
      await task
    }))

  it('[SASS-04] any number of waits are released together; one that is cancelled leaves the others alone', () =>
    run(async () => {
      protocol.pauseWriting()
      const tasks: Task<void>[] = []
      for (let i = 0; i < 10; i++) tasks.push(loop.createTask(() => writer.drain()))
      await passes()
      tasks[3]!.cancel()
      await passes()
      expect(tasks.map((task) => task.done())).toEqual(tasks.map((_, i) => i === 3))
      protocol.resumeWriting()
      for (const task of tasks) if (task !== tasks[3]) await task
      expect(tasks[3]!.cancelled()).toBe(true)
    }))

  it('[SASS-05] a connection that is lost ends the wait with its error, and every later one', () =>
    run(async () => {
      const error = new Error('gone')
      protocol.pauseWriting()
      loop.callSoon(() => protocol.connectionLost(error))
      await expect(writer.drain()).rejects.toBe(error)
      await expect(writer.drain()).rejects.toBe(error)
    }))

  it('[SASS-06] rejects with ECONNRESET after a close', () =>
    run(async () => {
      writer.close()
      loop.callSoon(() => protocol.connectionLost(null))
      await expect(writer.drain()).rejects.toMatchObject(lost)
      await expect(writer.write('x')).rejects.toMatchObject(lost)
    }))

  it('gives way while the transport closes, so that a loop of writes sees the end', () =>
    run(async () => {
      transport.closing = true
      let rounds = 0
      loop.callLater(5, () => protocol.connectionLost(null))
      loop.callSoon(() => loop.callSoon(() => protocol.connectionLost(null)))
      await expect(
        (async () => {
          for (; rounds < 1000; rounds++) await writer.write('x')
        })(),
      ).rejects.toMatchObject(lost)
      expect(rounds).toBeLessThan(5)
    }))

  it('a signal ends the wait', () =>
    run(async () => {
      protocol.pauseWriting()
      const abort = new AbortController()
      loop.callSoon(() => abort.abort())
      await expect(writer.drain({ signal: abort.signal })).rejects.toMatchObject({ name: 'CancelledError' })
    }))
})

describe('StreamWriter.write', () => {
  it('can be awaited: resolves when the buffer is below high water', () =>
    run(async () => {
      await writer.write('a')
      protocol.pauseWriting()
      const task = loop.createTask(async () => {
        await writer.write('b')
        return 'went on'
      })
      await passes()
      expect([transport.written, task.done()]).toEqual(['ab', false])
      protocol.resumeWriting()
      expect(await task).toBe('went on')
    }))

  it('a task that waits in a write can be cancelled', () =>
    run(async () => {
      protocol.pauseWriting()
      const task = loop.createTask(async () => {
        await writer.write('b')
      })
      await passes()
      task.cancel()
      await passes()
      expect(task.cancelled()).toBe(true)
    }))

  it('need not be awaited, also when the connection ends with an error', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => unhandled.push(error)
    process.on('unhandledRejection', note)
    try {
      await run(async () => {
        protocol.pauseWriting()
        writer.write('a')
        writer.writelines(['b', 'c'])
        protocol.connectionLost(new Error('gone'))
        writer.write('d')
        await passes(5)
      })
      await new Promise((resolve) => setImmediate(resolve))
      expect(unhandled).toEqual([])
      expect(reports).toEqual([])
    } finally {
      process.off('unhandledRejection', note)
    }
  })
})

describe('StreamWriter.waitClosed', () => {
  it('[SASS-07] resolves when the connection is gone', () =>
    run(async () => {
      const tasks = [loop.createTask(() => writer.waitClosed()), loop.createTask(() => writer.waitClosed())]
      await passes()
      tasks[0]!.cancel()
      protocol.connectionLost(null)
      await tasks[1]!
      await writer.waitClosed()
      expect(tasks[0]!.cancelled()).toBe(true)
    }))

  it('[SASS-07] rejects with the error that ended it; nobody need wait for it', () =>
    run(async () => {
      const error = new Error('gone')
      protocol.connectionLost(error)
      await expect(writer.waitClosed()).rejects.toBe(error)
      expect(reports).toEqual([])
    }))

  it('disposal closes and waits', () =>
    run(async () => {
      loop.callLater(5, () => protocol.connectionLost(null))
      {
        await using disposed = writer
        expect(disposed.isClosing()).toBe(false)
      }
      expect(transport.closing).toBe(true)
    }))
})

describe('StreamReaderProtocol', () => {
  it('[SASS-09] the end of the connection is the end of the reader', () =>
    run(async () => {
      const read = reader.read()
      protocol.dataReceived(Buffer.from('rest'))
      protocol.connectionLost(null)
      expect((await read).toString()).toBe('rest')
      expect(reader.atEof()).toBe(true)
    }))

  it('[SASS-15] keeps the writing half open after the peer has ended, but not on TLS', () => {
    expect(protocol.eofReceived()).toBe(true)
    const overTls = new StreamReaderProtocol(new StreamReader({ loop }), null, { loop })
    overTls.connectionMade(
      new (class extends Recorder {
        override getExtraInfo(name: string): unknown {
          return name === 'sslcontext' ? {} : undefined
        }
      })(),
    )
    expect(overTls.eofReceived()).toBe(false)
  })

  it('[SASS-10] an error of the callback is reported, and the transport is closed', () =>
    run(async () => {
      const error = new Error('in the handler')
      const served = new Recorder()
      new StreamReaderProtocol(
        new StreamReader({ loop }),
        async () => {
          await sleep(1)
          throw error
        },
        { loop },
      ).connectionMade(served)
      await sleep(10)
      expect(served.closing).toBe(true)
      expect(reports.map((report) => [report.exception, report.transport])).toEqual([[error, served]])
    }))

  it('[SASS-11] a cancelled callback closes the transport without report', () =>
    run(async () => {
      const served = new Recorder()
      new StreamReaderProtocol(
        new StreamReader({ loop }),
        async () => {
          await sleep(1000)
        },
        { loop },
      ).connectionMade(served)
      await passes()
      // The first task is this test's own.
      const [, serving] = loop._tasks
      serving!.cancel()
      await passes()
      expect(served.closing).toBe(true)
      expect(reports).toEqual([])
    }))

  it('[SASS-14] a writer that was forgotten is closed with a warning when it is collected', async () => {
    const forgotten = new Recorder()
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
    ;(() => new StreamWriter(forgotten, protocol, reader, loop))()
    for (let i = 0; i < 50 && !forgotten.closing; i++) {
      ;(globalThis as { gc?: () => void }).gc?.()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(forgotten.closing).toBe(true)
    expect((await warned).name).toBe('ResourceWarning')
  })
})
