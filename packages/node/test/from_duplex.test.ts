import { once } from 'node:events'
import { connect as connectNet } from 'node:net'
import { Duplex, PassThrough } from 'node:stream'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import type { Protocol, Transport } from '@loop/core'
import { describe, expect, it } from 'vitest'
import { fromDuplex } from '../src/index.js'
import { cert, key } from './certificate.js'
import { onLoop, readAll, withPeer } from './trace.js'

class Recorder implements Protocol {
  readonly events: string[] = []
  text = ''
  transport!: Transport
  keepOpen = false
  #ended!: (exc: Error | null) => void
  readonly ended = new Promise<Error | null>((resolve) => {
    this.#ended = resolve
  })
  connectionMade(transport: Transport): void {
    this.transport = transport
    this.events.push('made')
  }
  dataReceived(data: Buffer): void {
    this.text += data.toString('latin1')
    this.events.push('data')
  }
  eofReceived(): boolean {
    this.events.push('eof')
    return this.keepOpen
  }
  pauseWriting(): void {
    this.events.push('pause')
  }
  resumeWriting(): void {
    this.events.push('resume')
  }
  connectionLost(exc: Error | null): void {
    this.events.push('lost')
    this.#ended(exc)
  }
}

describe('fromDuplex', () => {
  it('a socket that is being connected, to its end', () =>
    onLoop(() =>
      withPeer(
        (socket) => void socket.pipe(socket),
        async (port) => {
          const [transport, protocol] = await fromDuplex(connectNet(port, '127.0.0.1'), () => new Recorder())
          expect(protocol.events).toEqual(['made'])
          expect(transport.getExtraInfo('peername')).toEqual({ host: '127.0.0.1', port, family: 'IPv4' })
          expect(transport.getExtraInfo('sslObject', 'none')).toBe('none')
          const reused = Buffer.from('hello, ')
          transport.write(reused)
          reused.fill(0)
          transport.writelines(['wor', Buffer.from('ld')])
          transport.writeEof()
          expect(() => transport.write('late')).toThrow(expect.objectContaining({ code: 'ERR_LOOP_STATE' }))
          expect(await protocol.ended).toBe(null)
          expect(protocol.text).toBe('hello, world')
          expect(protocol.events.filter((event) => event !== 'data')).toEqual(['made', 'eof', 'lost'])
          expect(transport.isClosing()).toBe(true)
        },
      ),
    ))

  it('errors: of connecting, of the connection, of the protocol', () =>
    onLoop(async (loop) => {
      await expect(fromDuplex(connectNet(1, '127.0.0.1'), () => new Recorder())).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      })
      await withPeer(
        (socket) => void socket.once('data', () => socket.resetAndDestroy()),
        async (port) => {
          const [transport, protocol] = await fromDuplex(connectNet(port, '127.0.0.1'), () => new Recorder())
          transport.write('x')
          expect(await protocol.ended).toMatchObject({ code: 'ECONNRESET' })
        },
      )
      const reports: unknown[] = []
      loop.setExceptionHandler((_, { exception }) => void reports.push(exception))
      const broken = new Error('broken')
      const stream = new PassThrough()
      const [, protocol] = await fromDuplex(stream, () => {
        const recorder = new Recorder()
        recorder.dataReceived = () => {
          throw broken
        }
        return recorder
      })
      stream.write('x')
      expect(await protocol.ended).toBe(broken)
      expect(reports).toEqual([broken])
    }))

  it('flow control both ways', () =>
    onLoop(async () => {
      const written: Buffer[] = []
      let taken: (() => void) | null = null
      const stream = new Duplex({
        read() {},
        write(chunk, _, done) {
          written.push(chunk)
          taken = done
        },
      })
      const [transport, protocol] = await fromDuplex(stream, () => new Recorder())
      transport.write(Buffer.alloc(100_000))
      expect([protocol.events.at(-1), transport.getWriteBufferSize()]).toEqual(['pause', 100_000])
      ;(taken as (() => void) | null)?.()
      while (protocol.events.at(-1) !== 'resume') await new Promise((done) => setImmediate(done))
      expect(transport.getWriteBufferSize()).toBe(0)

      transport.pauseReading()
      expect(transport.isReading()).toBe(false)
      let pushed = 0
      while (stream.push(Buffer.alloc(1000))) pushed++
      expect(pushed).toBeLessThan(1000)
      expect(protocol.text).toBe('')
      transport.resumeReading()
      while (protocol.text.length < (pushed + 1) * 1000) await new Promise((done) => setImmediate(done))
      transport.abort()
      expect(await protocol.ended).toBe(null)
    }))

  it('a protocol with memory of its own', () =>
    onLoop(async () => {
      const stream = new PassThrough()
      const memory = Buffer.alloc(3)
      let text = ''
      const [transport] = await fromDuplex(stream, () => ({
        getBuffer: () => memory,
        bufferUpdated: (count: number) => {
          text += memory.toString('latin1', 0, count)
        },
      }))
      stream.write('ten bytes!')
      while (text.length < 10) await new Promise((done) => setImmediate(done))
      expect(text).toBe('ten bytes!')
      transport.abort()
      await once(stream, 'close')
    }))

  it('TLS of Node: made when it is secure, no halves, and its session', () =>
    onLoop(async () => {
      const server = createTlsServer({ cert, key }, (socket) => void socket.end('secret')).listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as { port: number }
      const socket = connectTls({ host: 'localhost', port, ca: cert })
      const [transport, protocol] = await fromDuplex(socket, () => new Recorder())
      expect([transport.canWriteEof(), transport.getExtraInfo('sslObject')]).toEqual([false, socket])
      expect(() => transport.writeEof()).toThrow(expect.objectContaining({ name: 'NotImplementedError' }))
      expect(await protocol.ended).toBe(null)
      expect(protocol.text).toBe('secret')
      server.close()
      await expect(
        fromDuplex(connectTls({ host: '127.0.0.1', port: 1, ca: cert }), () => new Recorder()),
      ).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    }))

  it('keeps the writing half open for a protocol that wants it', () =>
    onLoop(async () => {
      const [near, far] = pair()
      const [transport, protocol] = await fromDuplex(near, () => Object.assign(new Recorder(), { keepOpen: true }))
      const text = readAll(far as never)
      far.end('question')
      while (!protocol.events.includes('eof')) await new Promise((done) => setImmediate(done))
      transport.write('answer')
      transport.close()
      expect(await text).toBe('answer')
      expect(await protocol.ended).toBe(null)
    }))

  it('refuses what is no stream of bytes', () =>
    onLoop(async () => {
      expect(() => fromDuplex({} as never, () => new Recorder())).toThrow(TypeError)
      expect(() => fromDuplex(new PassThrough(), null as never)).toThrow(TypeError)
      expect(() => fromDuplex(new PassThrough({ objectMode: true }), () => new Recorder())).toThrow(TypeError)
      const destroyed = new PassThrough().destroy()
      expect(() => fromDuplex(destroyed, () => new Recorder())).toThrow(
        expect.objectContaining({ code: 'ERR_LOOP_STATE' }),
      )
    }))
})

/** Two streams, each of which reads what the other writes. */
function pair(): [Duplex, Duplex] {
  const ends: Duplex[] = []
  for (const other of [1, 0]) {
    ends.push(
      new Duplex({
        read() {},
        write(chunk, _, done) {
          ends[other]!.push(chunk)
          done()
        },
        final(done) {
          ends[other]!.push(null)
          done()
        },
      }),
    )
  }
  return ends as [Duplex, Duplex]
}
