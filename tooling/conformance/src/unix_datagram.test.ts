// Datagram transports on Unix sockets.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { constants, Socket, type SystemError, socketpair } from '@loop/core'
import { endpoint, plainSocket, receive } from './datagram_recorder.js'
import { type Ground, supports, withinLoop } from './within_loop.js'

const { AF_UNIX, SOCK_DGRAM } = constants as Record<string, number>

/** Runs `body` with a folder of its own. */
function withinFolder(body: (folder: string, ground: Ground) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loop-dgram-'))
  return withinLoop((ground) => body(folder, ground)).finally(() => rmSync(folder, { recursive: true }))
}

describe('Unix datagram endpoints', {
  skip: !supports('unixDatagrams') && 'this platform has no Unix datagram sockets',
}, () => {
  it('send and receive by path; a string says that it is a Unix socket', () =>
    withinFolder(async (folder, { loop }) => {
      const [one, other] = [join(folder, 'one'), join(folder, 'other')]
      const receiver = await endpoint(loop, { localAddr: one })
      const sender = await endpoint(loop, { localAddr: other, remoteAddr: one })
      sender.endpoint.sendto('hello')
      sender.endpoint.sendto('again', one)
      assert.deepEqual(await receiver.arrived(2), ['hello', 'again'])
      assert.deepEqual(receiver.senders, [other, other])
      receiver.endpoint.sendto('back', other)
      assert.deepEqual(await sender.arrived(1), ['back'])
      assert.deepEqual(
        [sender.transport.getExtraInfo('peername'), sender.transport.getExtraInfo('sockname')],
        [one, other],
      )
      await sender.close()
      await receiver.close()
    }))

  it('a peer without a name is null', () =>
    withinFolder(async (folder, { loop, own }) => {
      const receiver = await endpoint(loop, { localAddr: join(folder, 'socket') })
      const peer = own(new Socket({ family: AF_UNIX!, type: SOCK_DGRAM! }))
      peer.sendto('who?', join(folder, 'socket'))
      await receiver.arrived(1)
      assert.deepEqual(receiver.senders, [null])
      await receiver.close()
    }))

  it('take paths as Buffers and URLs', () =>
    withinFolder(async (folder, { loop, own }) => {
      const path = Buffer.concat([Buffer.from(join(folder, 'not-utf8-')), Buffer.from([0xff, 0xfe])])
      const receiver = await endpoint(loop, { localAddr: path })
      const named = await endpoint(loop, { localAddr: pathToFileURL(join(folder, 'by-url')) })
      assert.ok(statSync(join(folder, 'by-url')).isSocket())
      named.endpoint.sendto('to a Buffer', path)
      assert.deepEqual(await receiver.arrived(1), ['to a Buffer'])
      const peer = plainSocket(own, join(folder, 'peer'))
      receiver.endpoint.sendto('from a Buffer', join(folder, 'peer'))
      assert.deepEqual((await loop.sockRecvfrom(peer, 100))[1], path)
      await named.close()
      await receiver.close()
    }))

  it('[DATA-21] a stale socket file is replaced', () =>
    withinFolder(async (folder, { loop }) => {
      const path = join(folder, 'socket')
      await (await endpoint(loop, { localAddr: path })).close()
      const { ino } = statSync(path)
      const again = await endpoint(loop, { localAddr: path })
      assert.ok(statSync(path).isSocket())
      const sender = await endpoint(loop, { remoteAddr: path })
      sender.endpoint.sendto('hello')
      assert.deepEqual(await again.arrived(1), ['hello'])
      assert.ok(ino > 0)
      await sender.close()
      await again.close()
    }))

  it('[DATA-21] a regular file is left alone', () =>
    withinFolder(async (folder, { loop }) => {
      const path = join(folder, 'file')
      writeFileSync(path, 'mine')
      await assert.rejects(endpoint(loop, { localAddr: path }), { code: 'EADDRINUSE', path })
      assert.ok(statSync(path).isFile())
    }))

  it('a path that is too long says how long it may be', () =>
    withinLoop(async ({ loop, own }) => {
      const path = `/tmp/${'x'.repeat(200)}`
      const tooLong = { code: 'ENAMETOOLONG', message: /at most \d+ bytes, this one has 205/ }
      await assert.rejects(endpoint(loop, { localAddr: path }), tooLong)
      await assert.rejects(endpoint(loop, { remoteAddr: path }), tooLong)
      const [mine, peer] = socketpair({ type: SOCK_DGRAM! })
      own(mine)
      own(peer)
      const sender = await endpoint(loop, { family: AF_UNIX! })
      sender.endpoint.sendto('x', path)
      assert.deepEqual(
        sender.errors.map(({ code, message }) => [code, /at most \d+ bytes/.test(message)]),
        [['ENAMETOOLONG', true]],
      )
      await sender.close()
    }))

  it('nobody at the path is told to errorReceived', () =>
    withinFolder(async (folder, { loop }) => {
      const sender = await endpoint(loop, { family: AF_UNIX! })
      sender.endpoint.sendto('x', join(folder, 'nobody'))
      assert.deepEqual(
        sender.errors.map(({ code, path }: SystemError) => [code, path]),
        [['ENOENT', join(folder, 'nobody')]],
      )
      await sender.close()
    }))

  it('datagrams larger than 64 KiB come whole', () =>
    withinFolder(async (folder, { loop }) => {
      const receiver = await endpoint(loop, { localAddr: join(folder, 'socket') })
      const sender = await endpoint(loop, { remoteAddr: join(folder, 'socket') })
      const text = 'large '.repeat(20_000)
      for (const part of ['small', text, 'small again']) sender.endpoint.sendto(part)
      assert.deepEqual(await receiver.arrived(3), ['small', text, 'small again'])
      await sender.close()
      await receiver.close()
    }))

  it('abstract names', { skip: process.platform !== 'linux' && 'abstract names are Linux’s' }, () =>
    withinLoop(async ({ loop, own }) => {
      const path = `\0loop-dgram-${process.pid}`
      const receiver = await endpoint(loop, { localAddr: path })
      const peer = own(new Socket({ family: AF_UNIX!, type: SOCK_DGRAM! }))
      peer.bind(`${path}-peer`)
      peer.sendto('hello', path)
      await receiver.arrived(1)
      assert.deepEqual(receiver.senders, [`${path}-peer`])
      receiver.endpoint.sendto('back', receiver.senders[0]!)
      assert.equal(await receive(loop, peer), 'back')
      await receiver.close()
    }),
  )

  it(
    'descriptors that come along are not left open',
    { skip: process.platform === 'win32' && 'Windows passes none' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const [mine, peer] = socketpair({ type: SOCK_DGRAM! })
        own(peer)
        const receiver = await endpoint(loop, { sock: mine })
        const fd = new Uint8Array(Int32Array.of(peer.fileno()).buffer)
        peer.sendmsg(
          ['with a descriptor'],
          [{ level: constants['SOL_SOCKET']!, type: constants['SCM_RIGHTS']!, data: fd }],
        )
        assert.deepEqual(await receiver.arrived(1), ['with a descriptor'])
        await receiver.close()
      }),
  )
})
