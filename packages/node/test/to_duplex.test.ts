import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import {
  createTlsContext,
  openConnection,
  type Protocol,
  type Server,
  type StreamReader,
  type StreamWriter,
  socketpair,
  startServer,
  type Transport,
} from '@loop/core'
import { describe, expect, it } from 'vitest'
import { connect, toDuplex } from '../src/index.js'
import { cert, key } from './certificate.js'
import { closed, onLoop, readAll, traceOf, withPeer } from './trace.js'

const portOf = (server: Pick<Server, 'sockets'>) => (server.sockets[0]!.getsockname() as { port: number }).port

describe('toDuplex', () => {
  it('keeps what a reader had received and not read', () =>
    onLoop(() =>
      withPeer(
        (socket) => void socket.end('a line\nand the rest'),
        async (port) => {
          const [reader, writer] = await openConnection({ host: '127.0.0.1', port })
          expect(`${await reader.readline()}`).toBe('a line\n')
          const socket: Socket = toDuplex([reader, writer])
          const end = closed(socket)
          expect(await readAll(socket)).toBe('and the rest')
          await end
          await writer.waitClosed()
          expect(socket.bytesRead).toBe('and the rest'.length)
        },
      ),
    ))

  it('keeps it, and the end, when everything had come before', () =>
    onLoop(() =>
      withPeer(
        (socket) => void socket.end('everything'),
        async (port) => {
          const [reader, writer] = await openConnection({ host: '127.0.0.1', port })
          // The reader buffers what nobody asks for.
          while (!/eof/.test(String((await import('node:util')).inspect(reader)))) {
            await new Promise((done) => setImmediate(done))
          }
          const socket = toDuplex(writer.transport)
          const trace = traceOf(socket)
          const end = closed(socket)
          expect(await readAll(socket)).toBe('everything')
          await end
          expect(trace.filter((event) => event !== 'finish')).toEqual(['end', 'close false'])
        },
      ),
    ))

  it('takes the connection of a server of streams, whose task may end', () =>
    onLoop(async () => {
      const server = await startServer(
        (reader: StreamReader, writer: StreamWriter) => {
          const socket = toDuplex([reader, writer])
          socket.pipe(socket)
        },
        { host: '127.0.0.1', port: 0 },
      )
      const socket = await connect({ host: '127.0.0.1', port: portOf(server) })
      socket.write('hello')
      const answer = once(socket, 'data')
      for (let i = 0; i < 3; i++) global.gc?.()
      expect(`${(await answer)[0]}`).toBe('hello')
      socket.end()
      await closed(socket.resume())
      server.close()
      await server.waitClosed()
    }))

  it("connect() on a connected one tells 'connect' again", () =>
    onLoop(() =>
      withPeer(
        (socket) => void socket.pipe(socket),
        async (port) => {
          const socket = await connect({ host: '127.0.0.1', port })
          const trace = traceOf(socket)
          socket.connect(port, '127.0.0.1', () => trace.push('callback'))
          expect(socket.connecting).toBe(false)
          await once(socket, 'ready')
          expect(trace).toEqual(['connect', 'callback', 'ready'])
          socket.destroy()
          expect(() => socket.connect(port)).toThrow(expect.objectContaining({ code: 'ERR_SOCKET_CLOSED' }))
          await closed(socket)
        },
      ),
    ))

  it('tells both ends when the transport is aborted by somebody else', () =>
    onLoop(() =>
      withPeer(
        (socket) => ({ text: readAll(socket) }),
        async (port, served) => {
          const [, writer] = await openConnection({ host: '127.0.0.1', port })
          const socket = toDuplex(writer.transport)
          const trace = traceOf(socket)
          socket.resume()
          writer.transport.abort()
          await closed(socket)
          expect(trace.filter((event) => event !== 'finish')).toEqual(['end', 'close false'])
          expect(await (await served).text).toBe('')
        },
      ),
    ))

  it('refuses what is no connection, and one that is closing', () =>
    onLoop(async () => {
      for (const wrong of [null, 5, {}, [1, 2]]) expect(() => toDuplex(wrong as never)).toThrow(TypeError)
      const [mine, peer] = socketpair()
      const [, writer] = await openConnection({ sock: mine })
      writer.close()
      expect(() => toDuplex(writer.transport)).toThrow(expect.objectContaining({ code: 'ERR_LOOP_STATE' }))
      peer.close()
      await writer.waitClosed()
    }))

  it('over a Unix socket: no addresses, and no reset', () =>
    onLoop(async (loop) => {
      const folder = mkdtempSync(join(tmpdir(), 'loop-node-'))
      try {
        const path = join(folder, 'echo')
        const echo = (): Protocol => {
          let transport: Transport
          return {
            connectionMade: (made) => {
              transport = made
            },
            dataReceived: (data) => transport.write(data),
          }
        }
        const server = await loop.createUnixServer(echo, { path })
        const socket = await connect({ path })
        expect([socket.remoteAddress, socket.remotePort, socket.localPort, socket.address()]).toEqual([
          ...[undefined, undefined, undefined],
          {},
        ])
        socket.setNoDelay().setKeepAlive(true, 1000)
        expect(() => socket.resetAndDestroy()).toThrow(expect.objectContaining({ code: 'ERR_INVALID_HANDLE_TYPE' }))
        socket.write('hello')
        expect(`${(await once(socket, 'data'))[0]}`).toBe('hello')
        socket.end()
        await closed(socket.resume())
        server.close()
      } finally {
        rmSync(folder, { recursive: true })
      }
    }))
})

describe('over TLS', () => {
  const ssl = createTlsContext({ cert, key, ALPNProtocols: ['echo'] })

  it('half of a connection can end before the other, at either end', () =>
    onLoop(async () => {
      const server = await startServer(null, { host: '127.0.0.1', port: 0, ssl })
      const client = { ca: cert, ALPNProtocols: ['echo'] }
      const socket = await connect({ host: 'localhost', port: portOf(server), ssl: client })
      expect([socket.encrypted, socket.authorized, socket.alpnProtocol, socket.servername]).toEqual([
        ...[true, true, 'echo', 'localhost'],
      ])
      expect(socket.getPeerCertificate()?.subject.CN).toBe('localhost')
      expect([socket.getProtocol(), typeof socket.getCipher()?.name]).toEqual(['TLSv1.3', 'string'])
      const trace = traceOf(socket)
      socket.end('question')
      const { value: pair } = await server[Symbol.asyncIterator]().next()
      const other = toDuplex(pair!, { allowHalfOpen: true })
      const ends = [closed(other), closed(socket)]
      expect(await readAll(other)).toBe('question')
      other.end('answer')
      expect(await readAll(socket)).toBe('answer')
      await Promise.all(ends)
      expect(trace).toEqual(['finish', 'end', 'close false'])
      server.close()
      await server.waitClosed()
    }))

  it('the same with node:tls at the other end', () =>
    onLoop(async () => {
      const server = await startServer(
        (reader, writer) => {
          const socket = toDuplex([reader, writer], { allowHalfOpen: true })
          void readAll(socket).then((text) => socket.end(`you said ${text}`))
        },
        { host: '127.0.0.1', port: 0, ssl },
      )
      const peer = connectTls({ host: 'localhost', port: portOf(server), ca: cert, ALPNProtocols: ['echo'] })
      peer.end('hello')
      expect(await readAll(peer)).toBe('you said hello')
      server.close()
      await server.waitClosed()
    }))
})
