// Files over transports.
import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { BaseTransport, CancelledError, LoopError, SendfileNotAvailableError, sleep } from '@loop/core'
import { Recorder, readAll, readExactly, transportAndPeer } from './recorder.js'
import { closeBoth, tlsPair } from './tls_pair.js'
import { type Ground, withinLoop } from './within_loop.js'

const content = Buffer.from(Array.from({ length: 9_000_000 }, (_, index) => (index * 7 + (index >> 9)) % 256))

/** Runs `body` with a file of known content. */
function withFile(body: (path: string, ground: Ground) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loop-sendfile-'))
  const path = join(folder, 'file')
  writeFileSync(path, content)
  return withinLoop((ground) => body(path, ground)).finally(() => rmSync(folder, { recursive: true }))
}

describe('sendfile', () => {
  it('[SEND-01] sends the whole file and gives the count', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const fd = openSync(path, 'r')
      try {
        for (const file of [path, fd, { fd }]) {
          const sending = loop.createTask(() => loop.sendfile(transport, file))
          assert.ok((await readExactly(loop, peer, content.length)).equals(content))
          assert.equal(await sending, content.length)
        }
      } finally {
        closeSync(fd)
      }
      assert.equal(transport.isReading(), true)
      transport.close()
      await recorder.ended()
    }))

  it('[SEND-02] offset and count', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      assert.equal(await loop.sendfile(transport, path, { offset: 1000, count: 100 }), 100)
      assert.ok((await readExactly(loop, peer, 100)).equals(content.subarray(1000, 1100)))
      assert.equal(await loop.sendfile(transport, path, { offset: content.length - 5, count: 100 }), 5)
      assert.ok((await readExactly(loop, peer, 5)).equals(content.subarray(-5)))
      assert.equal(await loop.sendfile(transport, path, { offset: content.length + 5 }), 0)
      for (const wrong of [{ offset: -1 }, { offset: 1.5 }, { count: 0 }, { count: -1 }]) {
        assert.throws(() => loop.sendfile(transport, path, wrong), RangeError)
      }
      assert.throws(() => loop.sendfile(transport, path, { count: '5' as never }), TypeError)
      transport.close()
      await recorder.ended()
    }))

  it('[SEND-03] what is written before and after keeps its order', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const before = Buffer.alloc(4_000_000, 'b')
      transport.write(before)
      assert.ok(transport.getWriteBufferSize() > 0)
      const sending = loop.createTask(async () => {
        await loop.sendfile(transport, path)
        transport.write('after')
        transport.close()
      })
      const received = await readAll(loop, peer)
      await sending
      assert.ok(received.equals(Buffer.concat([before, content, Buffer.from('after')])))
      assert.equal(await recorder.ended(), null)
    }))

  it('[SEND-04] a write meanwhile is an error', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const sending = loop.sendfile(transport, path)
      assert.throws(() => transport.write('x'), LoopError)
      assert.throws(() => transport.writelines(['x']), LoopError)
      await assert.rejects(loop.sendfile(transport, path), LoopError)
      await readExactly(loop, peer, content.length)
      await sending
      transport.write('x')
      assert.equal((await readExactly(loop, peer, 1)).toString(), 'x')
      transport.close()
      await recorder.ended()
    }))

  it('[SEND-05] [SEND-06] over TLS it reads and sends, and says so where that is not wanted', () =>
    withFile(async (path, ground) => {
      const { loop } = ground
      const pair = await tlsPair(ground)
      const { near, server } = pair
      near.write('before')
      const sending = loop.sendfile(near, path, { offset: 10 })
      assert.throws(() => near.write('x'), LoopError)
      await assert.rejects(loop.sendfile(near, path), LoopError)
      assert.equal(await sending, content.length - 10)
      near.write('after')
      const all = Buffer.concat([Buffer.from('before'), content.subarray(10), Buffer.from('after')])
      await server.until(() => server.received === all.length)
      assert.ok(Buffer.concat(server.chunks).equals(all))
      await assert.rejects(loop.sendfile(near, path, { fallback: false }), SendfileNotAvailableError)
      assert.equal(near.isReading(), true)
      await closeBoth(pair)
    }))

  it('[SEND-09] a TLS peer that goes midway is an error', () =>
    withFile(async (path, ground) => {
      const { near, far, client, server } = await tlsPair(ground)
      far.pauseReading()
      const sending = ground.loop.sendfile(near, path)
      const refused = assert.rejects(sending, { code: 'ECONNRESET' })
      await sleep(0)
      far.abort()
      await refused
      await client.ended()
      await server.ended()
    }))

  it('[SEND-07] transports that cannot do it are an error', () =>
    withFile(async (path, { loop }) => {
      class Other extends BaseTransport {
        override isClosing() {
          return false
        }
      }
      assert.throws(() => loop.sendfile(new Other(), path), LoopError)
      assert.throws(() => loop.sendfile({} as never, path), TypeError)
    }))

  it('[SEND-08] a closing transport is an error', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      transport.close()
      assert.throws(() => loop.sendfile(transport, path), LoopError)
      await recorder.ended()
    }))

  it('[SEND-09] a peer that closes midway is an error', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const sending = loop.sendfile(transport, path)
      await readExactly(loop, peer, 100_000)
      peer.close()
      await assert.rejects(sending, { code: /EPIPE|ECONNRESET/ })
      transport.abort()
      await recorder.ended()
    }))

  it('an abort midway ends it', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const sending = loop.sendfile(transport, path)
      await readExactly(loop, peer, 1000)
      transport.abort()
      await assert.rejects(sending, { code: 'ECONNRESET' })
      assert.equal(await recorder.ended(), null)
    }))

  it('[SEND-10] a peer that closes after everything arrived is a success', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const sending = loop.sendfile(transport, path)
      await readExactly(loop, peer, content.length)
      peer.close()
      assert.equal(await sending, content.length)
      assert.equal(await recorder.ended(), null)
    }))

  it(
    '[SEND-14] what is no regular file uses the fallback or throws SendfileNotAvailableError',
    { skip: process.platform === 'win32' && 'Windows has no device of zeros' },
    () =>
      withFile(async (_, { loop, own }) => {
        const recorder = new Recorder(loop)
        const [transport, peer] = await transportAndPeer(loop, own, recorder)
        assert.equal(await loop.sendfile(transport, '/dev/zero', { count: 1000 }), 1000)
        assert.ok((await readExactly(loop, peer, 1000)).equals(Buffer.alloc(1000)))
        await assert.rejects(
          loop.sendfile(transport, '/dev/zero', { count: 10, fallback: false }),
          SendfileNotAvailableError,
        )
        transport.close()
        await recorder.ended()
      }),
  )

  it('[SEND-15] cancelling it leaves a transport that works', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      for (const how of ['cancel', 'signal']) {
        const controller = new AbortController()
        const sending = loop.createTask(() => loop.sendfile(transport, path, { signal: controller.signal }))
        // More than the kernel holds: the operation waits for the peer.
        await readExactly(loop, peer, 1000)
        await sleep(20)
        if (how === 'cancel') sending.cancel()
        else controller.abort()
        await assert.rejects(Promise.resolve(sending), CancelledError)
        transport.write('end')
        for (let text = ''; !text.endsWith('end'); ) text = (await loop.sockRecv(peer, 1_000_000)).toString('latin1')
      }
      transport.close()
      await recorder.ended()
    }))
})
