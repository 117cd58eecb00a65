// Unix sockets that keep the boundaries of messages: one write is one message is one dataReceived.
import assert from 'node:assert/strict'
import { closeSync, existsSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  type BufferedProtocol,
  constants,
  type FileDescriptor,
  LoopError,
  newEventLoop,
  Socket,
  socketpair,
  type Transport,
} from '@loop/core'
import { Recorder } from './recorder.js'
import { type Ground, withinLoop } from './within_loop.js'

const probe = newEventLoop()
const skip = !probe.supports('seqpacket') && 'this platform has no SOCK_SEQPACKET for Unix sockets'
probe.close()

const { AF_UNIX: family, SOCK_SEQPACKET: type } = constants as { AF_UNIX: number; SOCK_SEQPACKET: number }

const texts = (recorder: Recorder) => recorder.chunks.map(String)

async function pair(
  { loop }: Ground,
  one: object,
  other: object,
  sockets = socketpair({ family, type }),
): Promise<[Transport, Transport]> {
  const [first] = await loop.connectAcceptedSocket(() => one, sockets[0])
  const [second] = await loop.connectAcceptedSocket(() => other, sockets[1])
  return [first, second]
}

describe('SOCK_SEQPACKET over transports', { skip }, () => {
  it('a server and a client: messages arrive as they were written, and the file goes with the server', () =>
    withinLoop(async ({ loop }) => {
      const folder = mkdtempSync(join(tmpdir(), 'loop-seqpacket-'))
      try {
        const path = join(folder, 'socket')
        const listening = new Socket({ family, type })
        listening.bind(path)
        const accepted = loop.createFuture<[Recorder]>()
        const factory = () => {
          const recorder = new Recorder(loop)
          accepted.setResult([recorder])
          return recorder
        }
        const server = await loop.createUnixServer(factory, { sock: listening })
        const sock = new Socket({ family, type })
        await loop.sockConnect(sock, path)
        const client = new Recorder(loop)
        const [transport] = await loop.createUnixConnection(() => client, { sock })
        transport.write('one')
        transport.write('')
        transport.writelines(['two', Buffer.from('three'), ''])
        const large = Buffer.alloc(100_000, 'x')
        transport.write(large)
        const [recorder] = await accepted
        await recorder.until(() => recorder.received >= 100_000)
        assert.deepEqual(texts(recorder), ['one', 'two', 'three', String(large)])
        recorder.transport.write('answer')
        await client.until(() => client.received > 0)
        assert.deepEqual(texts(client), ['answer'])
        assert.equal(recorder.transport.getExtraInfo('sockname'), path)
        transport.close()
        assert.equal(await recorder.ended(), null)
        assert.deepEqual(recorder.events.slice(-2), ['eof', 'lost'])
        assert.equal(await client.ended(), null)
        server.close()
        await server.waitClosed()
        assert.equal(existsSync(path), false)
      } finally {
        rmSync(folder, { recursive: true })
      }
    }))

  it('messages that had to wait are messages still, and descriptors go with their own', () =>
    withinLoop(async (ground) => {
      const receiver = Object.assign(new Recorder(ground.loop), {
        descriptorsReceived(this: Recorder, fds: FileDescriptor[]): void {
          this.events.push(`descriptors before message ${this.chunks.length}`)
          assert.ok(fds.every((fd) => fstatSync(fd.fileno()).isCharacterDevice()))
          for (const fd of fds) fd.close()
        },
      })
      const sender = new Recorder(ground.loop)
      const [near, far] = await pair(ground, sender, receiver)
      far.pauseReading()
      const sizes: number[] = []
      while (near.getWriteBufferSize() < 1_000_000) {
        sizes.push(10_000 + sizes.length)
        near.write(Buffer.alloc(sizes.at(-1)!))
      }
      const fd = openSync('/dev/null', 'r')
      near.sendFds('with', [fd, fd])
      closeSync(fd)
      near.write('after')
      near.writeEof()
      assert.ok(sender.events.includes('pause'))
      far.resumeReading()
      assert.equal(await receiver.ended(), null)
      assert.deepEqual(
        receiver.chunks.map(({ length }) => length),
        [...sizes, 4, 5],
      )
      assert.deepEqual(
        receiver.events.filter((event) => event.startsWith('descriptors')),
        [`descriptors before message ${sizes.length}`],
      )
      assert.ok(sender.events.includes('resume'))
      near.close()
      await sender.ended()
    }))

  it('a message that is too long throws at the call, whether or not others wait', () =>
    withinLoop(async (ground) => {
      const receiver = new Recorder(ground.loop)
      const sender = new Recorder(ground.loop)
      const [near, far] = await pair(ground, sender, receiver)
      const tooLong = Buffer.alloc(8_000_000)
      assert.throws(() => near.write(tooLong), { code: 'EMSGSIZE' })
      assert.throws(() => near.sendFds(tooLong, [0]), { code: 'EMSGSIZE' })
      far.pauseReading()
      near.write('first')
      let waiting = 1
      for (; near.getWriteBufferSize() === 0; waiting++) near.write('x'.repeat(10_000))
      assert.throws(() => near.write(tooLong), { code: 'EMSGSIZE' })
      assert.equal(near.getWriteBufferSize(), 10_000)
      near.close()
      far.resumeReading()
      await receiver.ended()
      await sender.ended()
      assert.equal(receiver.chunks.length, waiting)
    }))

  it('a BufferedProtocol gets one message at a time; one that does not fit ends the connection', () =>
    withinLoop(async (ground) => {
      const { loop, reports } = ground
      const memory = Buffer.alloc(10)
      const counts: number[] = []
      const ended = loop.createFuture<Error | null>()
      const protocol: BufferedProtocol = {
        getBuffer: () => memory,
        bufferUpdated: (count) => void counts.push(count),
        connectionLost: (error) => ended.setResult(error),
      }
      const sender = new Recorder(loop)
      const [near] = await pair(ground, sender, protocol)
      near.writelines(['abc', 'de', '0123456789', '01234567890'])
      const error = await ended
      assert.ok(error instanceof LoopError)
      assert.match(error.message, /10 bytes for a message of 11/)
      assert.deepEqual(counts, [3, 2, 10])
      assert.equal(reports.splice(0).length, 1)
      await sender.ended()
    }))

  it('what needs a stream of bytes is refused', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const recorder = new Recorder(loop)
      const sender = new Recorder(loop)
      const [near] = await pair(ground, sender, recorder)
      assert.throws(() => loop.sendfile(near, '/dev/null'), LoopError)
      assert.throws(() => loop.startTls(near, sender, {}, { serverHostname: 'localhost' }), TypeError)
      near.close()
      await sender.ended()
      await recorder.ended()
      const [one] = socketpair({ family, type }).map(own) as [Socket, Socket]
      const factory = () => new Recorder(loop)
      assert.throws(() => loop.createConnection(factory, { sock: one }), RangeError)
      assert.throws(() => loop.createServer(factory, { sock: one }), RangeError)
      assert.throws(
        () => loop.createUnixConnection(factory, { sock: one, ssl: true, serverHostname: 'localhost' }),
        RangeError,
      )
    }))
})
