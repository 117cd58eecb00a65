// Descriptors that come over Unix sockets: FileDescriptor closes each once, whoever drops it; sendFds and recvFds.
import assert from 'node:assert/strict'
import { closeSync, fstatSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { constants, FileDescriptor, recvFds, type Socket, sendFds, sleep, socketpair } from '@loop/core'
import { copiesOf, sameFile, transports, withOpenFile } from './open_file.js'
import { Recorder } from './recorder.js'
import { openDescriptors, supports, withinLoop } from './within_loop.js'

const skip = !supports('passDescriptors') && 'this platform does not pass descriptors'

/** Collects what nobody refers to any more, and lets what waits for that run. */
async function collect(): Promise<void> {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  for (let round = 0; round < 3; round++) {
    gc()
    await new Promise((resolve) => setImmediate(resolve))
  }
}

describe('FileDescriptor', { skip }, () => {
  it('is closed once; a number that it let go of is not', () => {
    const one = new FileDescriptor(openSync('/dev/null', 'r'))
    const number = one.fileno()
    one.close()
    one.close()
    assert.equal(one.fileno(), -1)
    assert.throws(() => fstatSync(number), { code: 'EBADF' })
    const other = new FileDescriptor(openSync('/dev/null', 'r'))
    const free = other.detach()
    other.close()
    assert.ok(fstatSync(free).isCharacterDevice())
    closeSync(free)
    assert.throws(() => new FileDescriptor('1' as never), TypeError)
    assert.throws(() => new FileDescriptor(-1), RangeError)
  })

  it('one that nobody refers to any more is closed, one that was let go of is not', async () => {
    const before = openDescriptors()
    const drop = () => {
      for (let index = 0; index < 10; index++) new FileDescriptor(openSync('/dev/null', 'r'))
      return new FileDescriptor(openSync('/dev/null', 'r')).detach()
    }
    const free = drop()
    for (let round = 0; round < 20 && openDescriptors() > before + 1; round++) await collect()
    assert.equal(openDescriptors(), before + 1)
    closeSync(free)
  })

  it('what a protocol received and dropped is closed', () =>
    withOpenFile(async (fd, ground) => {
      const recorder = Object.assign(new Recorder(ground.loop), { descriptorsReceived(): void {} })
      const sender = new Recorder(ground.loop)
      const [near] = await transports(ground, sender, recorder)
      near.sendFds('bytes', [fd, fd])
      await recorder.until(() => recorder.text === 'bytes')
      assert.equal(copiesOf(fd), 2)
      for (let round = 0; round < 20 && copiesOf(fd) > 0; round++) {
        await sleep(0)
        await collect()
      }
      assert.equal(copiesOf(fd), 0)
      near.close()
      await recorder.ended()
      await sender.ended()
    }))
})

describe('sendFds and recvFds', { skip }, () => {
  it('over stream and datagram sockets', () =>
    withOpenFile(async (fd, { own }) => {
      for (const type of [constants['SOCK_STREAM']!, constants['SOCK_DGRAM']!]) {
        const [one, other] = socketpair({ type }).map(own) as [Socket, Socket]
        assert.equal(sendFds(one, ['some', 'thing'], [fd, one]), 9)
        const { data, fds, flags, address } = recvFds(other, 100, 5)
        assert.deepEqual([String(data), fds.length, address], ['something', 2, null])
        assert.equal(flags & constants['MSG_CTRUNC']!, 0)
        assert.ok(sameFile(fds[0]!.fileno(), fd))
        assert.ok(fstatSync(fds[1]!.fileno()).isSocket())
        for (const each of fds) each.close()
        sendFds(one, ['plain'], [])
        assert.deepEqual(recvFds(other, 100, 5).fds, [])
        assert.throws(() => recvFds(other, 100, 5), { name: 'BlockingIOError' })
      }
    }))

  it('more than were asked for are closed, and the flags say so', () =>
    withOpenFile(async (fd, { own }) => {
      for (const room of [0, 1, 2, 3]) {
        const [one, other] = socketpair().map(own) as [Socket, Socket]
        sendFds(one, ['x'], [fd, fd, fd, fd])
        const { fds, flags } = recvFds(other, 1, room)
        assert.equal(fds.length, room)
        assert.equal(copiesOf(fd), room)
        assert.notEqual(flags & constants['MSG_CTRUNC']!, 0)
        for (const each of fds) each.close()
      }
    }))

  it('wrong arguments throw', () =>
    withinLoop(async ({ own }) => {
      const [one, other] = socketpair().map(own) as [Socket, Socket]
      assert.throws(() => sendFds(one, ['x'], 1 as never), TypeError)
      assert.throws(() => sendFds(one, ['x'], [999_983]), { code: 'EBADF' })
      assert.throws(() => recvFds(other, 1, -1), RangeError)
      assert.throws(() => recvFds(other, 1, 'x' as never), TypeError)
    }))
})
