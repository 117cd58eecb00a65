// Descriptors that travel between transports over Unix sockets.
import assert from 'node:assert/strict'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import {
  FileDescriptor,
  LoopError,
  NotImplementedError,
  newEventLoop,
  recvFds,
  type SelectorEventLoop,
  type Socket,
} from '@loop/core'
import { copiesOf, sameFile, transports, withOpenFile } from './open_file.js'
import { program } from './program.js'
import { Recorder, readExactly, tcpPair, transportAndPeer } from './recorder.js'
import { openDescriptors, supports, withinLoop } from './within_loop.js'

const skip = !supports('passDescriptors') && 'this platform does not pass descriptors'

/** Keeps what it is passed. */
class Receiver extends Recorder {
  readonly fds: FileDescriptor[] = []

  descriptorsReceived(fds: FileDescriptor[]): void {
    this.fds.push(...fds)
    this.note(`descriptors ${fds.length}`)
  }

  closeAll(): void {
    for (const fd of this.fds) fd.close()
  }
}

describe('descriptors over transports', { skip }, () => {
  it('both ways, several at once, before the bytes that they came with', () =>
    withOpenFile(async (fd, ground) => {
      const one = new Receiver(ground.loop)
      const other = new Receiver(ground.loop)
      const [near, far] = await transports(ground, one, other)
      near.sendFds('three', [fd, { fd }, { fileno: () => fd }])
      await other.until(() => other.text === 'three')
      assert.deepEqual(other.events, ['made', 'descriptors 3', 'data'])
      assert.ok(other.fds.every((received) => sameFile(received.fileno(), fd)))
      assert.equal(new Set(other.fds.map((received) => received.fileno())).size, 3)
      // What came can go on at once.
      far.sendFds('back', [other.fds[0]!])
      other.closeAll()
      await one.until(() => one.text === 'back')
      assert.ok(sameFile(one.fds[0]!.fileno(), fd))
      one.closeAll()
      near.sendFds('none', [])
      await other.until(() => other.text === 'threenone')
      assert.equal(other.fds.length, 3)
      near.close()
      assert.equal(await other.ended(), null)
      assert.equal(await one.ended(), null)
    }))

  it('what has to wait travels by copies, each beside its own bytes', () =>
    withOpenFile(async (fd, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const before = Buffer.alloc(4_000_000, 'b')
      transport.write(before)
      const waiting = transport.getWriteBufferSize()
      assert.ok(waiting > 0)
      const passed = openSync('/dev/null', 'r')
      transport.sendFds('first', [passed, fd])
      closeSync(passed)
      transport.write('between')
      transport.writelines(['a', 'b'])
      transport.sendFds('second', [fd])
      assert.equal(transport.getWriteBufferSize(), waiting + 'firstbetweenabsecond'.length)
      transport.close()
      assert.ok((await readExactly(loop, peer, before.length)).equals(before))
      const readable = async () => {
        const future = loop.createFuture<void>()
        loop.addReader(peer, () => {
          loop.removeReader(peer)
          future.setResult()
        })
        await future
        return recvFds(peer, 1000, 10)
      }
      const texts: string[] = []
      const counts: number[] = []
      for (;;) {
        const { data, fds } = await readable()
        if (data.length === 0) break
        texts.push(String(data))
        counts.push(fds.length)
        if (fds.length === 2) assert.ok(fstatSync(fds[0]!.fileno()).isCharacterDevice())
        if (fds.length > 0) assert.ok(sameFile(fds.at(-1)!.fileno(), fd))
        for (const each of fds) each.close()
      }
      assert.equal(texts.join(''), 'firstbetweenabsecond')
      assert.deepEqual(
        counts.filter((count) => count > 0),
        [2, 1],
      )
      assert.equal(await recorder.ended(), null)
    }))

  for (const how of ['abort', 'peer', 'loop'] as const) {
    it(`copies that wait are closed when ${how === 'abort' ? 'the transport is aborted' : how === 'peer' ? 'the peer goes away' : 'the loop closes'}`, async () => {
      const before = openDescriptors()
      const loop = newEventLoop() as SelectorEventLoop
      const recorder = new Recorder(loop)
      let peer: Socket | undefined
      await loop.runUntilComplete(async () => {
        const [transport, socket] = await transportAndPeer(loop, (socket) => socket, recorder)
        peer = socket
        transport.write(Buffer.alloc(4_000_000))
        const passed = openSync('/dev/null', 'r')
        transport.sendFds('x', [passed, passed])
        closeSync(passed)
        // The connection, /dev/null twice, and what a loop needs.
        if (how === 'loop') return
        if (how === 'abort') transport.abort()
        else socket.close()
        await recorder.ended()
        assert.equal(transport.getWriteBufferSize(), 0)
      })
      loop.close()
      peer?.close()
      for (let turn = 0; turn < 200 && openDescriptors() > before; turn++) {
        await new Promise((resolve) => setImmediate(resolve))
      }
      assert.equal(openDescriptors(), before)
    })
  }

  it('a protocol that does not know of them gets the bytes, and nothing stays open', () =>
    withOpenFile(async (fd, ground) => {
      const recorder = new Recorder(ground.loop)
      const sender = new Recorder(ground.loop)
      const [near] = await transports(ground, sender, recorder)
      near.sendFds('bytes', [fd, fd])
      await recorder.until(() => recorder.text === 'bytes')
      assert.equal(copiesOf(fd), 0)
      near.close()
      await recorder.ended()
      await sender.ended()
    }))

  it('a protocol that fails over them has them closed, and the connection ends', () =>
    withOpenFile(async (fd, ground) => {
      const { loop, reports } = ground
      const failing = Object.assign(new Recorder(loop), {
        descriptorsReceived([first]: FileDescriptor[]): void {
          first?.close()
          throw new Error('unwanted')
        },
      })
      const sender = new Recorder(loop)
      const [near] = await transports(ground, sender, failing)
      near.sendFds('bytes', [fd, fd, fd])
      assert.equal((await failing.ended())?.message, 'unwanted')
      assert.equal(failing.text, '')
      assert.deepEqual(
        reports.splice(0).map(({ message }) => message),
        ['Fatal error: protocol.descriptorsReceived() call failed.'],
      )
      await sender.ended()
    }))

  it('a protocol that closes over them hears no bytes', () =>
    withOpenFile(async (fd, ground) => {
      const closing = Object.assign(new Receiver(ground.loop), {
        descriptorsReceived(this: Receiver, fds: FileDescriptor[]): void {
          for (const each of fds) each.close()
          this.transport.close()
        },
      })
      const sender = new Recorder(ground.loop)
      const [near] = await transports(ground, sender, closing)
      near.sendFds('bytes', [fd])
      assert.equal(await closing.ended(), null)
      assert.deepEqual(closing.events, ['made', 'lost'])
      await sender.ended()
    }))

  it('a BufferedProtocol gets them too', () =>
    withOpenFile(async (fd, ground) => {
      const memory = Buffer.alloc(100)
      const noted: unknown[] = []
      const done = ground.loop.createFuture<void>()
      const protocol = {
        getBuffer: () => memory,
        descriptorsReceived: ([received]: FileDescriptor[]) => {
          noted.push(sameFile(received!.fileno(), fd))
          received!.close()
        },
        bufferUpdated: (count: number) => {
          noted.push(memory.toString('latin1', 0, count))
          done.setResult()
        },
      }
      const sender = new Recorder(ground.loop)
      const [near] = await transports(ground, sender, protocol)
      near.sendFds('bytes', [fd])
      await done
      assert.deepEqual(noted, [true, 'bytes'])
      near.close()
      await sender.ended()
    }))

  it('wrong ones throw at the call, and the connection goes on', () =>
    withOpenFile(async (fd, ground) => {
      const recorder = new Receiver(ground.loop)
      const sender = new Recorder(ground.loop)
      const [near] = await transports(ground, sender, recorder)
      const closed = new FileDescriptor(openSync('/dev/null', 'r'))
      closed.close()
      assert.throws(() => near.sendFds('x', fd as never), TypeError)
      assert.throws(() => near.sendFds('x', ['0'] as never), TypeError)
      assert.throws(() => near.sendFds(1 as never, [fd]), TypeError)
      assert.throws(() => near.sendFds('x', [-1]), RangeError)
      assert.throws(() => near.sendFds('x', [closed]), RangeError)
      assert.throws(() => near.sendFds('', [fd]), RangeError)
      assert.throws(() => near.sendFds('x', new Array(254).fill(fd)), RangeError)
      assert.throws(() => near.sendFds('x', [fd, 999_983]), { code: 'EBADF' })
      near.sendFds('all', new Array(253).fill(fd))
      await recorder.until(() => recorder.text === 'all')
      assert.equal(recorder.fds.length, 253)
      recorder.closeAll()
      // The same where it would have to wait.
      recorder.transport.pauseReading()
      near.write(Buffer.alloc(4_000_000))
      const size = near.getWriteBufferSize()
      assert.throws(() => near.sendFds('x', [fd, 999_983]), { code: 'EBADF', syscall: 'dup' })
      assert.equal(near.getWriteBufferSize(), size)
      near.writeEof()
      assert.throws(() => near.sendFds('x', [fd]), LoopError)
      near.abort()
      recorder.transport.abort()
      await sender.ended()
      await recorder.ended()
      // Nothing comes of it, as with any write that comes too late.
      recorder.transport.sendFds('too late', [fd])
    }))

  it('only Unix sockets pass them', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [mine] = await tcpPair(loop, own)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      assert.throws(() => transport.sendFds('x', [0]), NotImplementedError)
      transport.close()
      await recorder.ended()
    }))

  const shim =
    process.env['LOOP_KQUEUE_SHIM'] !== undefined &&
    'the stand-in for kqueue takes descriptors of its own where kqueue takes none'
  it('more than this process may open ends the connection, and what did come is closed', { skip: shim }, async () => {
    const { stdout, stderr } = await program(
      `
      import { openSync, closeSync, readdirSync } from 'node:fs'
      import { run, getRunningLoop, socketpair } from '@loop/core'
      await run(async () => {
        const loop = getRunningLoop()
        const [one, other] = socketpair()
        const lost = loop.createFuture()
        const protocol = {
          descriptorsReceived: () => console.log('received'),
          dataReceived: () => console.log('data'),
          connectionLost: (error) => lost.setResult(error),
        }
        const [sending] = await loop.connectAcceptedSocket(() => ({}), one)
        await loop.connectAcceptedSocket(() => protocol, other)
        const held = []
        for (;;) try { held.push(openSync('/dev/null', 'r')) } catch { break }
        // Room for two more.
        closeSync(held.pop()); closeSync(held.pop())
        sending.sendFds('five', held.slice(0, 5))
        const error = await lost
        console.log(error.code, error.syscall, /may not open more/.test(error.message))
        for (const room of [0, 1]) held.push(openSync('/dev/null', 'r'))
      })`,
      { descriptors: 1000 },
    )
    assert.deepEqual([stdout, stderr], ['EMFILE recvmsg true\n', ''])
  })
})
