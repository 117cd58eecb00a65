// Many connections and many bytes on a loop. What is sent is checked.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sleep, socketpair, type Transport } from '@loop/core'
import { addressOf, Recorder } from './recorder.js'
import { underWay } from './under_way.js'
import { loopKind, withinLoop } from './within_loop.js'

const here = { host: '127.0.0.1', port: 0 }
const isWindows = process.platform === 'win32'
/** Long enough for a machine that does something else. */
const limit = 110_000
const skip = !isWindows && loopKind() === 'selector' && 'for the mechanisms of Windows; others have tests of their own'
const few = isWindows && process.env['LOOP_BACKEND'] === 'select' && 'select() watches 512 sockets'
const notProactor = loopKind() === 'selector' && 'of a proactor'

/** The byte at `index` of a stream that repeats itself at no power of two. */
function pattern(start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length)
  for (let index = 0; index < length; index++) bytes[index] = (start + index) % 251
  return bytes
}

/** Checks what comes, and stops reading now and then. */
class Checker extends Recorder {
  #problem: string | null = null
  #pauses = 0

  override dataReceived(data: Buffer): void {
    const expected = pattern(this.received, data.length)
    if (!expected.equals(data)) this.#problem ??= `other bytes came somewhere behind ${this.received}`
    this.received += data.length
    if (this.received > (this.#pauses + 1) * 10_000_000) {
      this.#pauses++
      this.transport.pauseReading()
      // Several passes, in which the writer runs against the wall.
      void sleep(5).then(() => this.transport.resumeReading())
    }
    this.note('data')
  }

  get outcome(): [problem: string | null, received: number] {
    return [this.#problem, this.received]
  }
}

describe('a loop under load', { skip: skip || few }, () => {
  it('2,000 connections at once, each of which is answered', () =>
    withinLoop(async ({ loop }) => {
      const count = 2000
      const echo = () => {
        let transport: Transport
        return {
          connectionMade: (made: Transport) => void (transport = made),
          dataReceived: (data: Buffer) => transport.write(data),
        }
      }
      const server = await loop.createServer(echo, { ...here, backlog: 500 })
      const clients: Recorder[] = []
      for (let index = 0; index < count; index++) {
        const [, recorder] = await loop.createConnection(() => new Recorder(loop), addressOf(server))
        clients.push(recorder)
      }
      for (const [index, { transport }] of clients.entries()) transport.write(`number ${index}`)
      for (const [index, client] of clients.entries()) await client.until(() => client.text === `number ${index}`)
      for (const { transport } of clients) transport.close()
      for (const client of clients) await client.ended()
      server.close()
      await server.waitClosed()
    }, limit))

  it('100 MB in both directions, with pauses: every byte, in order', () =>
    withinLoop(async ({ loop }) => {
      const total = 100_000_000
      const chunk = 100_000
      const [one, other] = socketpair()
      const ends: Checker[] = []
      for (const sock of [one, other]) {
        const [, checker] = await loop.connectAcceptedSocket(() => new Checker(loop), sock)
        ends.push(checker)
      }
      const feed = async (end: Checker) => {
        for (let sent = 0; sent < total; sent += chunk) {
          end.transport.write(pattern(sent, chunk))
          while (end.transport.getWriteBufferSize() > 1_000_000) await sleep(0)
        }
      }
      const feeding = ends.map((end) => loop.createTask(() => feed(end)))
      for (const end of ends) await end.until(() => end.received === total)
      for (const task of feeding) await task
      assert.deepEqual(
        ends.map((end) => end.outcome),
        [
          [null, total],
          [null, total],
        ],
      )
      for (const end of ends) end.transport.close()
      for (const end of ends) await end.ended()
    }, limit))
})

describe('restarts', { skip: notProactor }, () => {
  it('[TP-12] a loop that is stopped and run again many times has nothing left over', async () => {
    await withinLoop(async ({ loop }) => {
      assert.equal(loop.isRunning(), true)
    })
    const { newLoop } = await import('./within_loop.js')
    const loop = newLoop()
    try {
      for (let turn = 0; turn < 200; turn++) {
        loop.callSoon(() => loop.stop())
        await loop.runForever()
      }
      assert.equal(underWay(loop), 0)
    } finally {
      loop.close()
    }
  })
})
