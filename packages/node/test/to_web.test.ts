import { openConnection, startServer } from '@loop/core'
import { describe, expect, it } from 'vitest'
import { toWeb } from '../src/index.js'
import { cert, key } from './certificate.js'
import { closed, onLoop, readAll, withPeer } from './trace.js'

const text = async (stream: ReadableStream<Uint8Array>) => new Response(stream).text()

describe('toWeb', () => {
  it('reads what came before and what comes, writes, and ends half by half', () =>
    onLoop(() =>
      withPeer(
        (socket) => {
          socket.write('a line\nbefore, ')
          const heard = readAll(socket)
          void heard.then((question) => socket.end(`and an answer to ${question}`))
          return { heard }
        },
        async (port) => {
          const [reader, writer] = await openConnection({ host: '127.0.0.1', port })
          expect(`${await reader.readline()}`).toBe('a line\n')
          const { readable, writable } = toWeb([reader, writer])
          const sending = writable.getWriter()
          await sending.write(Buffer.from('a question'))
          await sending.close()
          expect(await text(readable as never)).toBe('before, and an answer to a question')
          await writer.waitClosed()
        },
      ),
    ))

  it('backpressure: a writer waits, and a reader is not flooded', () =>
    onLoop(() =>
      withPeer(
        (socket) => ({ other: socket.pause(), end: closed(socket) }),
        async (port, served) => {
          const [, writer] = await openConnection({ host: '127.0.0.1', port })
          const { readable, writable } = toWeb(writer.transport)
          const sending = writable.getWriter()
          const chunk = new Uint8Array(1_000_000).fill(7)
          let taken = 0
          let waiting = false
          const writing = (async () => {
            for (let i = 0; i < 50; i++) {
              await sending.write(chunk)
              taken++
            }
          })()
          const { other, end } = await served
          for (let before = -1; before !== taken; await new Promise((done) => setTimeout(done, 30))) before = taken
          waiting = taken < 50
          expect(waiting).toBe(true)
          expect(sending.desiredSize).toBeLessThanOrEqual(0)
          let received = 0
          other.on('data', (data) => {
            received += data.length
          })
          other.resume()
          await writing
          while (received < 50_000_000) await new Promise((done) => setImmediate(done))

          for (let i = 0; i < 60; i++) other.write(chunk)
          other.end()
          await new Promise((done) => setTimeout(done, 100))
          expect(other.writableLength).toBeGreaterThan(10_000_000)
          let count = 0
          for await (const data of readable) count += data.length
          expect(count).toBe(60 * chunk.length)
          await sending.close()
          await end
        },
      ),
    ))

  it('reads into memory of the reader, and leaves what others share alone', () =>
    onLoop(() =>
      withPeer(
        (socket) => {
          socket.setNoDelay(true)
          let n = 0
          const timer = setInterval(() => {
            if (n++ < 5) socket.write(`message ${n}\n`)
            else {
              clearInterval(timer)
              socket.end()
            }
          }, 5)
        },
        async (port) => {
          const [, writer] = await openConnection({ host: '127.0.0.1', port })
          const reader = toWeb(writer.transport).readable.getReader({ mode: 'byob' })
          let all = ''
          let memory = new Uint8Array(4)
          for (;;) {
            const { value, done } = await reader.read(memory)
            if (value !== undefined) all += Buffer.from(value).toString()
            if (done) break
            memory = new Uint8Array(value.buffer)
          }
          expect(all).toBe('message 1\nmessage 2\nmessage 3\nmessage 4\nmessage 5\n')
        },
      ),
    ))

  it('a reset is an error of both, and what is aborted or cancelled ends the connection', () =>
    onLoop(() =>
      withPeer(
        (socket) => {
          socket.once('data', () => socket.resetAndDestroy())
          return { end: closed(socket) }
        },
        async (port, served) => {
          const first = toWeb((await openConnection({ host: '127.0.0.1', port }))[1].transport)
          const writer = first.writable.getWriter()
          const end = writer.closed.catch((error) => error.code)
          await writer.write(Buffer.from('x'))
          await expect(first.readable.getReader().read()).rejects.toMatchObject({ code: 'ECONNRESET' })
          expect(await end).toBe('ECONNRESET')
          await (await served).end
          const second = toWeb((await openConnection({ host: '127.0.0.1', port }))[1].transport)
          await second.readable.cancel()
          const third = toWeb((await openConnection({ host: '127.0.0.1', port }))[1].transport)
          await third.writable.abort(new Error('enough'))
        },
      ),
    ))

  it('over TLS', () =>
    onLoop(async () => {
      const server = await startServer(
        async (reader, writer) => {
          const { readable, writable } = toWeb([reader, writer])
          await readable.pipeTo(writable)
        },
        { host: '127.0.0.1', port: 0, ssl: { cert, key } },
      )
      const { port } = server.sockets[0]!.getsockname() as { port: number }
      const [, writer] = await openConnection({ host: 'localhost', port, ssl: { ca: cert } })
      const { readable, writable } = toWeb(writer.transport)
      const sending = writable.getWriter()
      const echoed = text(readable as never)
      await sending.write(Buffer.from('hello '))
      await sending.write(Buffer.from('world'))
      await sending.close()
      expect(await echoed).toBe('hello world')
      server.close()
      await server.waitClosed()
    }))
})
