// Operations of a completion port that are cancelled by the thousand: each comes back before its memory is used for something
// else, and none is left.
import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { CancelledError, PipeHandle, type ProactorEventLoop, type Socket, sleep, socketpair } from '@loop/core'
import { cancelled, count, limit } from './cancelled.js'
import { Recorder } from './recorder.js'
import { underWay, underWayAre } from './under_way.js'
import { loopKind, supports, withinLoop } from './within_loop.js'

const notProactor = loopKind() === 'selector' && 'of a proactor'
const noPipes = !supports('namedPipes') && 'Windows’ proactor has them'

describe('a thousand operations of a completion port', { skip: notProactor }, () => {
  it('accepting, by closing the server', () =>
    withinLoop(async ({ loop }) => {
      const before = underWay(loop)
      for (let index = 0; index < count; index++) {
        const server = await loop.createServer(() => ({}), { host: '127.0.0.1', port: 0 })
        server.close()
      }
      await underWayAre(loop, before)
    }, limit))

  it('sending files', () =>
    withinLoop(async ({ loop, own }) => {
      const file = own(new SmallFile())
      const [mine, peer] = socketpair()
      own(mine)
      own(peer)
      fill(mine)
      const before = underWay(loop)
      for (let index = 0; index < count; index++) {
        const sending = loop.createTask(() => loop.sockSendfile(mine, file.fd))
        while (underWay(loop) === before) await sleep(0)
        sending.cancel()
        await assert.rejects(async () => await sending, CancelledError)
      }
      await underWayAre(loop, before)
    }, limit))
})

describe('a thousand operations of pipes', { skip: noPipes }, () => {
  const name = () => `\\\\.\\pipe\\loop-cancelled-${process.pid}`

  it('waiting for clients, by closing the server', () =>
    withinLoop(async ({ loop }) => {
      const before = underWay(loop)
      for (let index = 0; index < count; index++) {
        const [server] = await (loop as unknown as ProactorEventLoop).startServingPipe(() => ({}), name())
        server.close()
      }
      await underWayAre(loop, before)
    }, limit))

  it('[TP-16] connecting while no end waits', () =>
    withinLoop(async ({ loop: anyLoop }) => {
      const loop = anyLoop as unknown as ProactorEventLoop
      const accepted = new Recorder(loop)
      const [server] = await loop.startServingPipe(() => accepted, name())
      const [transport, client] = await loop.createPipeConnection(() => new Recorder(loop), name())
      await accepted.until(() => accepted.events.includes('made'))
      server.close()
      // The name lives on with the end that is connected.
      await cancelled(() => loop.createTask(() => loop.createPipeConnection(() => ({}), name())))
      transport.write('still there')
      await accepted.until(() => accepted.text === 'still there')
      transport.close()
      for (const end of [client, accepted]) await end.ended()
    }, limit))

  it('connecting where there is no pipe fails at once', () =>
    withinLoop(async ({ loop }) => {
      for (let index = 0; index < count; index++) {
        const connecting = (loop as unknown as ProactorEventLoop).createPipeConnection(() => ({}), name())
        await assert.rejects(connecting, { code: 'ENOENT' })
      }
    }, limit))

  it('reading, by closing the transport', () =>
    withinLoop(async ({ loop }) => {
      const before = underWay(loop)
      for (let index = 0; index < count; index++) {
        const [reading, writing] = PipeHandle.pair()
        const [transport, reader] = await loop.connectReadPipe(() => new Recorder(loop), reading)
        transport.close()
        await reader.ended()
        writing.close()
      }
      await underWayAre(loop, before)
    }, limit))

  it('writing, by abort', () =>
    withinLoop(async ({ loop }) => {
      const before = underWay(loop)
      // More than the pipe holds.
      const bytes = Buffer.alloc(200_000, 7)
      for (let index = 0; index < count; index++) {
        const [reading, writing] = PipeHandle.pair()
        const [transport, writer] = await loop.connectWritePipe(() => new Recorder(loop), writing)
        transport.write(bytes)
        transport.abort()
        await writer.ended()
        reading.close()
      }
      await underWayAre(loop, before)
    }, limit))
})

/** Writes until the system takes no more. */
function fill(sock: Socket): void {
  const bytes = Buffer.alloc(1 << 16)
  try {
    for (;;) sock.send(bytes)
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN')
  }
}

/** A file that goes when the test does. */
class SmallFile {
  readonly #folder = mkdtempSync(join(tmpdir(), 'loop-'))
  readonly fd: number

  constructor() {
    const path = join(this.#folder, 'file')
    writeFileSync(path, Buffer.alloc(1 << 16))
    this.fd = openSync(path, 'r')
  }

  close(): void {
    closeSync(this.fd)
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}
