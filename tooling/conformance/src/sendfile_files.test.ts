// What is sent by sendfile: where the descriptor stands afterwards, pipes, files that change, and a loop that closes meanwhile.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants as flags,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import {
  CancelledError,
  type EventLoop,
  newEventLoop,
  type SelectorEventLoop,
  SendfileNotAvailableError,
  sleep,
} from '@loop/core'
import { Recorder, readAll, readExactly, tcpPair, transportAndPeer } from './recorder.js'
import { type Ground, openDescriptors, withinLoop } from './within_loop.js'

const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => (index * 11 + (index >> 8)) % 256))

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loop-sendfile-'))
  try {
    await body(folder)
  } finally {
    // Windows removes no file that is still being closed.
    await rm(folder, { recursive: true, maxRetries: 20, retryDelay: 20 })
  }
}

function withFile(body: (path: string, ground: Ground) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const path = join(folder, 'file')
    writeFileSync(path, content)
    await withinLoop((ground) => body(path, ground))
  })
}

/** A FIFO with both ends open. `blocking` as a shell would give it. */
function withFifo(
  body: (reading: number, writing: number, ground: Ground) => Promise<void>,
  { blocking = false } = {},
): Promise<void> {
  return withFolder(async (folder) => {
    const path = join(folder, 'fifo')
    execFileSync('mkfifo', [path])
    // The first end has to be open for both, or it would wait for the other.
    const both = openSync(path, flags.O_RDWR)
    const reading = openSync(path, flags.O_RDONLY | (blocking ? 0 : flags.O_NONBLOCK))
    const writing = openSync(path, flags.O_WRONLY | flags.O_NONBLOCK)
    closeSync(both)
    try {
      await withinLoop((ground) => body(reading, writing, ground))
    } finally {
      closeSync(reading)
    }
  })
}

/** The position of a descriptor, as the next read shows it. */
function nextByte(fd: number): number | null {
  const byte = Buffer.alloc(1)
  return readSync(fd, byte, 0, 1, null) === 0 ? null : byte[0]!
}

/** Writes all of `bytes` into a pipe, as it takes them. */
async function feed(loop: EventLoop, fd: number, bytes: Buffer): Promise<void> {
  const done = loop.createFuture<void>()
  let written = 0
  loop.addWriter(fd, () => {
    written += writeSync(fd, bytes, written, Math.min(4096, bytes.length - written))
    if (written < bytes.length) return
    loop.removeWriter(fd)
    done.setResult()
  })
  await done
}

/** Whether the kernel moves a pipe's bytes by itself. */
const spliced = process.platform === 'linux'
const noFifos = process.platform === 'win32' && 'Windows has no FIFOs'

describe('sendfile: the file', () => {
  it('[SEND-01] a descriptor or a FileHandle stays open, and stands at the end', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const handle = await open(path)
      const fd = openSync(path, 'r')
      try {
        for (const file of [handle, fd]) {
          const sending = loop.createTask(() => loop.sendfile(transport, file))
          assert.ok((await readExactly(loop, peer, content.length)).equals(content))
          assert.equal(await sending, content.length)
        }
        assert.equal(nextByte(fd), null)
        assert.equal(nextByte(handle.fd), null)
        assert.equal(await loop.sendfile(transport, fd, { offset: 100, count: 50 }), 50)
        assert.equal(nextByte(fd), content[150])
        // From an offset that was asked for, not from where the descriptor stands.
        assert.equal(await loop.sendfile(transport, fd, { count: 2 }), 2)
        assert.equal(nextByte(fd), content[2])
        await readExactly(loop, peer, 52)
      } finally {
        closeSync(fd)
        await handle.close()
      }
      transport.close()
      await recorder.ended()
    }))

  it('[SEND-09] and between begin and end where the peer ended it', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const fd = openSync(path, 'r')
      try {
        const sending = loop.sendfile(transport, fd)
        await readExactly(loop, peer, 100_000)
        peer.close()
        await assert.rejects(sending, { code: /EPIPE|ECONNRESET/ })
        const position = content.length - readSync(fd, Buffer.alloc(content.length), 0, content.length, null)
        // A proactor knows of what it handed over at once only whether all of it left.
        const least = loop.backend.kind === 'proactor' ? 65_536 : 100_000
        assert.ok(position >= least && position < content.length, String(position))
      } finally {
        closeSync(fd)
      }
      transport.abort()
      await recorder.ended()
    }))

  it('one that shrinks meanwhile ends early, and the count says so', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const fd = openSync(path, 'r+')
      try {
        const sending = loop.createTask(() => loop.sendfile(transport, fd, { count: content.length }))
        await readExactly(loop, peer, 1000)
        ftruncateSync(fd, 1_000_000)
        const rest = loop.createTask(async () => {
          const sent = await sending
          transport.close()
          return sent
        })
        const received = await readAll(loop, peer)
        const sent = await rest
        assert.equal(received.length, sent - 1000)
        assert.ok(sent < content.length, String(sent))
        assert.ok(received.equals(content.subarray(1000, sent)))
      } finally {
        closeSync(fd)
      }
      await recorder.ended()
    }))

  it('one that grows meanwhile is sent with what was added', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const sending = loop.createTask(() => loop.sendfile(transport, path))
      await readExactly(loop, peer, 1000)
      const fd = openSync(path, 'a')
      writeSync(fd, 'added')
      closeSync(fd)
      const rest = await readExactly(loop, peer, content.length - 1000 + 5)
      assert.equal(rest.subarray(-5).toString(), 'added')
      assert.equal(await sending, content.length + 5)
      transport.close()
      await recorder.ended()
    }))

  it('an empty one, and wrong ones', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      writeFileSync(path, '')
      assert.equal(await loop.sendfile(transport, path), 0)
      for (const wrong of [undefined, null, {}, Symbol('file'), true])
        assert.throws(() => loop.sendfile(transport, wrong as never), TypeError)
      assert.throws(() => loop.sendfile(transport, -1), RangeError)
      await assert.rejects(loop.sendfile(transport, `${path}-none`), { code: 'ENOENT' })
      await assert.rejects(loop.sendfile(transport, join(path, '..')), { code: /EISDIR|EINVAL/ })
      transport.write('fine')
      assert.equal(String(await readExactly(loop, peer, 4)), 'fine')
      transport.close()
      await recorder.ended()
    }))
})

describe('sendfile: pipes', { skip: noFifos }, () => {
  for (const blocking of [false, true]) {
    it(`[SEND-14] what comes out of a ${blocking ? 'blocking' : 'non-blocking'} pipe is sent until its end`, () =>
      withFifo(
        async (reading, writing, { loop, own }) => {
          const recorder = new Recorder(loop)
          const [transport, peer] = await transportAndPeer(loop, own, recorder)
          const sending = loop.createTask(() => loop.sendfile(transport, reading, { fallback: !spliced }))
          const received = loop.createTask(() => readExactly(loop, peer, 50_000 * 3))
          for (let round = 0; round < 3; round++) {
            // An empty pipe in between, or a full socket, whoever is quicker.
            await sleep(1)
            await feed(loop, writing, content.subarray(round * 50_000, (round + 1) * 50_000))
          }
          assert.ok((await received).equals(content.subarray(0, 150_000)))
          closeSync(writing)
          assert.equal(await sending, 150_000)
          transport.close()
          await recorder.ended()
        },
        { blocking },
      ))
  }

  it('sockSendfile too, up to a count; the rest stays in the pipe', () =>
    withFifo(async (reading, writing, { loop, own }) => {
      const [one, other] = await tcpPair(loop, own)
      writeSync(writing, 'some of this')
      assert.equal(await loop.sockSendfile(one, reading, { count: 4 }), 4)
      assert.equal(String(await readExactly(loop, other, 4)), 'some')
      const rest = Buffer.alloc(20)
      assert.equal(readSync(reading, rest), 8)
      closeSync(writing)
    }))

  it('a socket that is full is waited for', () =>
    withFifo(async (reading, writing, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const sending = loop.createTask(() => loop.sendfile(transport, reading))
      // More than the socket and the pipe hold together.
      const size = 1_000_000
      const feeding = loop.createTask(() => feed(loop, writing, content.subarray(0, size)))
      for (let turn = 0; turn < 1000; turn++) await sleep(0)
      assert.equal(feeding.done(), false)
      assert.ok((await readExactly(loop, peer, size)).equals(content.subarray(0, size)))
      closeSync(writing)
      assert.equal(await sending, size)
      transport.close()
      await recorder.ended()
    }))

  it('cancelling one that waits for the pipe leaves nothing behind', () =>
    withFifo(async (reading, writing, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const sending = loop.createTask(() => loop.sendfile(transport, reading))
      await sleep(5)
      sending.cancel()
      await assert.rejects(Promise.resolve(sending), CancelledError)
      assert.equal(loop.removeReader(reading), false)
      transport.write('fine')
      assert.equal(String(await readExactly(loop, peer, 4)), 'fine')
      closeSync(writing)
      transport.close()
      await recorder.ended()
    }))

  it('there is no offset in a pipe', () =>
    withFifo(async (reading, writing, { loop, own }) => {
      const [one] = await tcpPair(loop, own)
      await assert.rejects(loop.sockSendfile(one, reading, { offset: 1 }), { code: 'ESPIPE', syscall: 'sendfile' })
      closeSync(writing)
    }))

  it('[SEND-14] a terminal or a socket is read when it has something; without the fallback it is refused', () =>
    withinLoop(async ({ loop, own }) => {
      const [source, feeding] = await tcpPair(loop, own)
      const [one, other] = await tcpPair(loop, own)
      await assert.rejects(loop.sockSendfile(one, source, { fallback: false }), SendfileNotAvailableError)
      const sending = loop.createTask(() => loop.sockSendfile(one, source))
      for (const text of ['some', 'thing']) {
        await loop.sockSendall(feeding, text)
        assert.equal(String(await readExactly(loop, other, text.length)), text)
      }
      feeding.close()
      assert.equal(await sending, 9)
    }))
})

describe('sendfile: when it ends otherwise', () => {
  it('a signal also ends the wait for what was written before', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const before = Buffer.alloc(4_000_000, 'b')
      transport.write(before)
      const controller = new AbortController()
      const sending = loop.sendfile(transport, path, { signal: controller.signal })
      await sleep(5)
      controller.abort()
      await assert.rejects(sending, CancelledError)
      transport.write('after')
      assert.ok((await readExactly(loop, peer, before.length)).equals(before))
      assert.equal(String(await readExactly(loop, peer, 5)), 'after')
      transport.close()
      await recorder.ended()
    }))

  it('the connection lost while the file was being opened', () =>
    withFile(async (path, { loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      const sending = loop.sendfile(transport, path)
      transport.abort()
      await assert.rejects(sending, { code: 'ECONNRESET' })
      await recorder.ended()
    }))

  for (const [how, file] of [
    ['waits for the peer', ''],
    ['reads what never ends', '/dev/zero'],
  ] as const) {
    it(`closing the loop while it ${how} leaves no descriptor open`, { skip: file !== '' && noFifos }, () =>
      withFolder(async (folder) => {
        const path = file || join(folder, 'file')
        if (file === '') writeFileSync(path, content)
        const before = openDescriptors()
        const loop = newEventLoop() as SelectorEventLoop
        const peers: { close(): void }[] = []
        await loop.runUntilComplete(async () => {
          const own = <T extends { close(): void }>(peer: T): T => {
            peers.push(peer)
            return peer
          }
          const [transport, peer] = await transportAndPeer(loop, own, new Recorder(loop))
          loop.createTask(() => loop.sendfile(transport, path))
          // Under way: it has opened the file and filled the socket.
          await readExactly(loop, peer, 100_000)
          await sleep(5)
        })
        loop.close()
        for (const peer of peers) peer.close()
        for (let turn = 0; turn < 500 && openDescriptors() > before; turn++) {
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
        assert.equal(openDescriptors(), before)
      }),
    )
  }
})
