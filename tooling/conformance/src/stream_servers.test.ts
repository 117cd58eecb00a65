// Servers of streams: handlers as tasks, iteration, Unix sockets, what happens to connections that go wrong.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import {
  createTask,
  currentTask,
  gather,
  openConnection,
  openUnixConnection,
  type Server,
  type StreamReader,
  type StreamServer,
  type StreamWriter,
  sleep,
  startServer,
  startUnixServer,
  type Task,
} from '@loop/core'
import { supports, withinLoop } from './within_loop.js'

const local = { host: '127.0.0.1', port: 0 }

const portOf = (server: Server | StreamServer) => (server.sockets[0]!.getsockname() as { port: number }).port

const connect = (server: Server | StreamServer) => openConnection({ host: '127.0.0.1', port: portOf(server) })

async function closed(...closing: (StreamWriter | Server | StreamServer)[]): Promise<void> {
  for (const one of closing) one.close()
  for (const one of closing) await one.waitClosed()
}

/** The suite's processes are started without --expose-gc. */
function garbageCollection(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

/** Answers each line with itself in capitals. */
async function shout(reader: StreamReader, writer: StreamWriter): Promise<void> {
  for await (const line of reader) await writer.write(line.toString().toUpperCase())
  writer.close()
}

describe('startServer', () => {
  it('[SASS-01] a round trip with openConnection', () =>
    withinLoop(async () => {
      const server = await startServer(shout, local)
      const [reader, writer] = await connect(server)
      await writer.write('hello\nworld\n')
      assert.equal((await reader.readline()).toString(), 'HELLO\n')
      assert.equal((await reader.readline()).toString(), 'WORLD\n')
      writer.writeEof()
      assert.equal((await reader.read()).length, 0)
      await closed(writer, server)
    }))

  it('[SASS-01] a hundred clients at once, each with its own answers', () =>
    withinLoop(async () => {
      const server = await startServer(shout, local)
      const client = async (id: number) => {
        const [reader, writer] = await connect(server)
        for (let i = 0; i < 20; i++) {
          await writer.write(`client ${id} line ${i}\n`)
          assert.equal((await reader.readline()).toString(), `CLIENT ${id} LINE ${i}\n`)
        }
        await closed(writer)
      }
      await gather(Array.from({ length: 100 }, (_, id) => () => client(id)))
      await closed(server)
    }))

  it('[SASS-01] a plain function serves as well', () =>
    withinLoop(async () => {
      const server = await startServer((_reader, writer) => {
        writer.write('hello')
        writer.close()
      }, local)
      const [reader, writer] = await connect(server)
      assert.equal((await reader.read()).toString(), 'hello')
      await closed(writer, server)
    }))

  it('[SASS-01] large payloads arrive in full, both ways at once', () =>
    withinLoop(async () => {
      const server = await startServer(async (reader, writer) => {
        for (let data = await reader.read(65536); data.length > 0; data = await reader.read(65536)) {
          await writer.write(data)
        }
        writer.close()
      }, local)
      const [reader, writer] = await connect(server)
      const payload = Buffer.alloc(16_000_000)
      for (let i = 0; i < payload.length; i += 4) payload.writeUInt32LE(i, i)
      const sent = createTask(async () => {
        for (let at = 0; at < payload.length; at += 100_000) await writer.write(payload.subarray(at, at + 100_000))
        writer.writeEof()
      })
      const echoed = await reader.read()
      await sent
      assert.ok(echoed.equals(payload))
      await closed(writer, server)
    }))

  it(
    '[SASS-02] a round trip over a Unix socket',
    { skip: !supports('unixSockets') && 'this platform has no Unix sockets' },
    () =>
      withinLoop(async () => {
        const folder = mkdtempSync(join(tmpdir(), 'loop-streams-'))
        const path = join(folder, 'socket')
        try {
          const server = await startUnixServer(shout, { path })
          const [reader, writer] = await openUnixConnection({ path })
          await writer.write('over a path\n')
          assert.equal((await reader.readline()).toString(), 'OVER A PATH\n')
          await closed(writer, server)
        } finally {
          rmSync(folder, { recursive: true })
        }
      }),
  )

  it('[SASS-09] closing the writer in a handler ends the reader there', () =>
    withinLoop(async ({ loop }) => {
      const ended = loop.createFuture<number>()
      const server = await startServer(async (reader, writer) => {
        writer.close()
        ended.setResult((await reader.read()).length)
      }, local)
      const [, writer] = await connect(server)
      assert.equal(await ended, 0)
      await closed(writer, server)
    }))

  it('[SASS-10] an error of the handler is reported, and its connection closed', () =>
    withinLoop(async ({ reports }) => {
      const error = new Error('in the handler')
      const server = await startServer(async () => {
        throw error
      }, local)
      const [reader, writer] = await connect(server)
      assert.equal((await reader.read()).length, 0)
      const [report] = reports.splice(0)
      assert.equal(report?.exception, error)
      assert.ok(report?.transport)
      await closed(writer, server)
    }))

  it('[SASS-11] a cancelled handler closes its connection without report', () =>
    withinLoop(async ({ loop }) => {
      const begun = loop.createFuture<[Task]>()
      const server = await startServer(async (reader) => {
        begun.setResult([currentTask() as Task])
        await reader.read()
      }, local)
      const [reader, writer] = await connect(server)
      const [serving] = await begun
      serving.cancel()
      assert.equal((await reader.read()).length, 0)
      assert.equal(serving.cancelled(), true)
      await closed(writer, server)
    }))

  it('[SASS-14] a writer that was forgotten is closed with a warning when it is collected', () =>
    withinLoop(async () => {
      const collect = garbageCollection()
      const server = await startServer(async (_reader, writer) => void (await writer.write('bye')), local)
      const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
      const [reader, writer] = await connect(server)
      assert.equal((await reader.readexactly(3)).toString(), 'bye')
      const end = createTask(() => reader.read())
      while (!end.done()) {
        collect()
        await sleep(1)
      }
      assert.equal((await warned).name, 'ResourceWarning')
      await closed(writer, server)
    }))

  it('an error in the limit or the callback is thrown at the call', () =>
    withinLoop(async () => {
      assert.throws(() => startServer(7 as never, local), TypeError)
      assert.throws(() => startServer(shout, { ...local, limit: 0 }), RangeError)
      assert.throws(() => openConnection({ ...local, limit: -1 }), RangeError)
    }))

  it('the limit reaches the readers of both sides', () =>
    withinLoop(async ({ loop }) => {
      const refused = loop.createFuture<unknown>()
      const server = await startServer(
        async (reader, writer) => {
          refused.setResult(await reader.readline().catch((error) => error))
          writer.close()
        },
        { ...local, limit: 10 },
      )
      const [, writer] = await connect(server)
      await writer.write(`${'x'.repeat(100)}\n`)
      assert.ok((await refused) instanceof RangeError)
      await closed(writer, server)
    }))
})

describe('a server to iterate', () => {
  it('gives connections as they come', () =>
    withinLoop(async () => {
      const server = await startServer(null, local)
      const clients = createTask(async () => {
        for (let i = 0; i < 5; i++) {
          const [reader, writer] = await connect(server)
          await writer.write(`client ${i}\n`)
          assert.equal((await reader.readline()).toString(), `CLIENT ${i}\n`)
          await closed(writer)
        }
        server.close()
      })
      let count = 0
      for await (const [reader, writer] of server) {
        count++
        await shout(reader, writer)
      }
      assert.equal(count, 5)
      await clients
      await server.waitClosed()
    }))

  it('ends when it is closed while somebody waits for a connection', () =>
    withinLoop(async () => {
      const server = await startServer(null, local)
      const iteration = createTask(async () => {
        for await (const _ of server) assert.fail('nobody connected')
        return 'ended'
      })
      await sleep(1)
      server.close()
      assert.equal(await iteration, 'ended')
    }))

  it('an iteration can be cancelled, and another goes on', () =>
    withinLoop(async () => {
      const server = await startServer(null, local)
      const next = async () => {
        for await (const pair of server) return pair
        return assert.fail('the server ended')
      }
      const first = createTask(next)
      await sleep(1)
      first.cancel()
      await assert.rejects(first, { name: 'CancelledError' })
      const [, client] = await connect(server)
      const [, writer] = await next()
      await closed(client, writer, server)
    }))

  it('disposal closes what nobody took', () =>
    withinLoop(async () => {
      let client: [StreamReader, StreamWriter]
      {
        await using server = await startServer(null, local)
        client = await connect(server)
        await sleep(5)
      }
      assert.equal((await client[0].read()).length, 0)
      await closed(client[1])
    }))
})
