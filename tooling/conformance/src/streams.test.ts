// Streams over real connections: what a reader and a writer see of a peer that is a plain socket.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  CancelledError,
  createTask,
  IncompleteReadError,
  LimitOverrunError,
  openConnection,
  type Socket,
  type StreamReader,
  type StreamWriter,
  sleep,
  socketpair,
  timeout,
} from '@loop/core'
import { readAll, readExactly } from './recorder.js'
import { type Ground, withinLoop } from './within_loop.js'

/** A reader and writer, and the plain socket at their other end. */
async function streamAndPeer({ own }: Ground, limit?: number): Promise<[StreamReader, StreamWriter, Socket]> {
  const [mine, peer] = socketpair()
  own(peer)
  const [reader, writer] = await openConnection({ sock: mine, limit })
  return [reader, writer, peer]
}

describe('reading from a connection', () => {
  it('[STRE-01] read(n) gives at least one byte and at most n, nothing at the end', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground)
      const first = reader.read(3)
      await ground.loop.sockSendall(peer, 'hello')
      assert.equal((await first).toString(), 'hel')
      assert.equal((await reader.read(100)).toString(), 'lo')
      peer.close()
      assert.equal((await reader.read(100)).length, 0)
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-02] read() reads up to the end, also much more than the limit', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground, 1024)
      const payload = Buffer.alloc(3_000_000, 'abcdefg')
      const sent = createTask(async () => {
        await ground.loop.sockSendall(peer, payload)
        peer.close()
      })
      assert.ok((await reader.read()).equals(payload))
      await sent
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-03] lines, the rest at the end, then nothing', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground)
      await ground.loop.sockSendall(peer, 'one\ntwo\nrest')
      peer.close()
      const lines: string[] = []
      for (let line = await reader.readline(); line.length > 0; line = await reader.readline()) lines.push(`${line}`)
      assert.deepEqual(lines, ['one\n', 'two\n', 'rest'])
      assert.equal(reader.atEof(), true)
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-04] a line that comes byte by byte', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground)
      const line = createTask(() => reader.readline())
      for (const byte of 'drip\n') {
        await ground.loop.sockSendall(peer, byte)
        await sleep(0)
      }
      assert.equal((await line).toString(), 'drip\n')
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-05] a line above the limit is an error and is dropped; the next one is read', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground, 8)
      await ground.loop.sockSendall(peer, 'much too long\nok\n')
      await assert.rejects(reader.readline(), RangeError)
      assert.equal((await reader.readline()).toString(), 'ok\n')
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-08] readuntil above the limit leaves everything to be read', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground, 4)
      await ground.loop.sockSendall(peer, 'some data;')
      await assert.rejects(reader.readuntil(';'), LimitOverrunError)
      assert.equal((await reader.readexactly(10)).toString(), 'some data;')
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-09] readuntil at the end of the stream', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground)
      await ground.loop.sockSendall(peer, 'a\r\n\r\nhalf\r\n')
      peer.close()
      assert.equal((await reader.readuntil('\r\n\r\n')).toString(), 'a\r\n\r\n')
      await assert.rejects(reader.readuntil('\r\n\r\n'), (error: IncompleteReadError) => {
        assert.ok(error instanceof IncompleteReadError)
        assert.equal(error.partial.toString(), 'half\r\n')
        return true
      })
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-12] readexactly, and a stream that ends before', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground)
      await ground.loop.sockSendall(peer, '12345678')
      peer.close()
      assert.equal((await reader.readexactly(5)).toString(), '12345')
      await assert.rejects(reader.readexactly(5), { name: 'IncompleteReadError', expected: 5 })
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-14] readexactly of much more than the limit', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground, 1024)
      const payload = Buffer.alloc(1_000_000, 'xyz')
      const sent = createTask(() => ground.loop.sockSendall(peer, payload))
      assert.ok((await reader.readexactly(payload.length)).equals(payload))
      await sent
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-17] a cancelled read leaves the bytes to the next one', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground)
      const task = createTask(() => reader.readexactly(8))
      await ground.loop.sockSendall(peer, 'half')
      await sleep(5)
      task.cancel()
      await assert.rejects(task, CancelledError)
      assert.equal((await reader.read(100)).toString(), 'half')
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-17] a timeout reaches a read', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground)
      await assert.rejects(
        timeout(5, () => reader.readline()),
        { name: 'TimeoutError' },
      )
      await ground.loop.sockSendall(peer, 'late\n')
      assert.equal((await reader.readline()).toString(), 'late\n')
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-20] iteration gives lines up to the end', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground)
      const count = 5000
      const sent = createTask(async () => {
        await ground.loop.sockSendall(peer, Array.from({ length: count }, (_, i) => `line ${i}\n`).join(''))
        peer.close()
      })
      let i = 0
      for await (const line of reader) assert.equal(line.toString(), `line ${i++}\n`)
      assert.equal(i, count)
      await sent
      writer.close()
      await writer.waitClosed()
    }))

  it('[STRE-21] a reader that nobody reads from stops its transport, and the kernel then stops the peer', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [reader, writer, peer] = await streamAndPeer(ground, 1000)
      const payload = Buffer.alloc(8_000_000, 1)
      const sent = createTask(() => loop.sockSendall(peer, payload))
      while (writer.transport.isReading()) await sleep(1)
      await sleep(20)
      assert.equal(sent.done(), false)
      let received = 0
      while (received < payload.length) received += (await reader.read(65536)).length
      await sent
      assert.equal(writer.transport.isReading(), true)
      writer.close()
      await writer.waitClosed()
    }))
})

describe('writing to a connection', () => {
  it('[SASS-03] an awaited write waits while a slow peer has not read, and goes on when it does', () =>
    withinLoop(async (ground) => {
      const [, writer, peer] = await streamAndPeer(ground)
      const payload = Buffer.alloc(4_000_000, 'q')
      const written = createTask(async () => {
        await writer.write(payload)
        await writer.drain()
      })
      await sleep(10)
      assert.equal(written.done(), false)
      assert.ok(writer.transport.getWriteBufferSize() > 65536)
      assert.ok((await readExactly(ground.loop, peer, payload.length)).equals(payload))
      await written
      writer.close()
      await writer.waitClosed()
    }))

  it('[SASS-03] writes that nobody awaits are fine; they arrive in order', () =>
    withinLoop(async (ground) => {
      const [, writer, peer] = await streamAndPeer(ground)
      let expected = ''
      for (let i = 0; i < 1000; i++) {
        const line = `line ${i}\n`
        expected += line
        if (i % 3 === 0) writer.writelines([line.slice(0, 3), line.slice(3)])
        else writer.write(line)
      }
      writer.close()
      assert.equal((await readAll(ground.loop, peer)).toString(), expected)
      await writer.waitClosed()
    }))

  it('[SASS-04] a hundred drains at once are all released', () =>
    withinLoop(async (ground) => {
      const [, writer, peer] = await streamAndPeer(ground)
      writer.write(Buffer.alloc(16_000_000))
      const drains = Array.from({ length: 100 }, () => createTask(() => writer.drain()))
      await sleep(5)
      assert.ok(drains.every((drain) => !drain.done()))
      await readExactly(ground.loop, peer, 16_000_000)
      for (const drain of drains) await drain
      writer.close()
      await writer.waitClosed()
    }))

  it('[SASS-05] a loop of writes and drains ends with an error when the peer has gone', () =>
    withinLoop(async (ground) => {
      const [, writer, peer] = await streamAndPeer(ground)
      peer.close()
      await assert.rejects(
        async () => {
          for (;;) {
            writer.write('x')
            await writer.drain()
          }
        },
        (error: NodeJS.ErrnoException) => ['ECONNRESET', 'EPIPE'].includes(error.code ?? ''),
      )
      await writer.waitClosed().catch(() => {})
    }))

  it('[SASS-06] drain after a close and a write is ECONNRESET', () =>
    withinLoop(async (ground) => {
      const [, writer] = await streamAndPeer(ground)
      writer.close()
      writer.write('too late')
      await assert.rejects(writer.drain(), { code: 'ECONNRESET' })
      await writer.waitClosed()
    }))

  it('[SASS-07] waitClosed resolves after what was buffered is sent and the connection is gone', () =>
    withinLoop(async (ground) => {
      const [, writer, peer] = await streamAndPeer(ground)
      writer.write(Buffer.alloc(16_000_000, 'z'))
      writer.close()
      const closed = createTask(() => writer.waitClosed())
      await sleep(5)
      assert.equal(closed.done(), false)
      assert.equal((await readAll(ground.loop, peer)).length, 16_000_000)
      await closed
    }))

  it('[SASS-08] waitClosed works with unread data in the reader', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground)
      await ground.loop.sockSendall(peer, 'unread\n')
      await reader.readexactly(2)
      writer.close()
      await writer.waitClosed()
      assert.equal((await reader.read()).toString(), 'read\n')
    }))

  it('[SASS-09] closing the writer ends the reader', () =>
    withinLoop(async (ground) => {
      const [reader, writer] = await streamAndPeer(ground)
      const read = createTask(() => reader.read())
      await sleep(0)
      writer.close()
      assert.equal((await read).length, 0)
      await writer.waitClosed()
    }))

  it('[SASS-15] after the end of what the peer sends, replies still go out', () =>
    withinLoop(async (ground) => {
      const [reader, writer, peer] = await streamAndPeer(ground)
      await ground.loop.sockSendall(peer, 'question')
      peer.shutdown('SHUT_WR')
      assert.equal((await reader.read()).toString(), 'question')
      await sleep(2)
      assert.equal(writer.isClosing(), false)
      writer.write('answer')
      assert.equal(writer.canWriteEof(), true)
      writer.writeEof()
      assert.equal((await readAll(ground.loop, peer)).toString(), 'answer')
      writer.close()
      await writer.waitClosed()
    }))

  it('[EFTD-10] a peer that is gone before the stream is made is no error in making it', () =>
    withinLoop(async () => {
      const [mine, peer] = socketpair()
      peer.close()
      const [reader, writer] = await openConnection({ sock: mine })
      assert.equal((await reader.read()).length, 0)
      writer.close()
      await writer.waitClosed()
    }))

  it('[EFTD-11] an empty write is nothing, and no end of the stream', () =>
    withinLoop(async (ground) => {
      const [, writer, peer] = await streamAndPeer(ground)
      await writer.write('')
      await writer.write(new Uint8Array(0))
      writer.writelines([])
      await ground.loop.sockSendall(peer, '')
      await writer.write('something')
      assert.equal((await readExactly(ground.loop, peer, 9)).toString(), 'something')
      writer.close()
      await writer.waitClosed()
    }))

  it('refuses data of another type at the call', () =>
    withinLoop(async (ground) => {
      const [, writer] = await streamAndPeer(ground)
      assert.throws(() => writer.write(7 as never), TypeError)
      assert.throws(() => writer.write(null as never), TypeError)
      writer.close()
      await writer.waitClosed()
    }))
})
