// TLS that writes to a descriptor: where there is none left, and what becomes of it.
import { readdirSync } from 'node:fs'
import { Socket as NodeSocket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  createTask,
  openConnection,
  run,
  Socket,
  type StreamReader,
  type StreamWriter,
  sleep,
  startServer,
} from '../../src/index.js'
import { contexts } from './contexts.js'

/** An echo server over TLS and a client of it, for `use`; both end with it. */
async function connected(use: (reader: StreamReader, writer: StreamWriter) => Promise<void>): Promise<void> {
  const server = await startServer(
    async (reader, writer) => {
      for await (const line of reader) await writer.write(line)
      await writer.close()
    },
    { host: '127.0.0.1', port: 0, ssl: contexts.server },
  )
  const { port } = server.sockets[0]!.getsockname() as { port: number }
  const ssl = contexts.client
  const [reader, writer] = await openConnection({ host: '127.0.0.1', port, ssl, serverHostname: 'localhost' })
  await use(reader, writer)
  server.close()
  await server.waitClosed()
}

const carrier = (writer: StreamWriter) => (writer.getExtraInfo('sslObject') as TLSSocket & { _parent: unknown })._parent
const echoes = async (reader: StreamReader, writer: StreamWriter) => {
  await writer.write('there and back\n')
  expect(String(await reader.readline())).toBe('there and back\n')
}
const conversation = async (reader: StreamReader, writer: StreamWriter) => {
  await echoes(reader, writer)
  await writer.close()
}

afterEach(() => {
  vi.restoreAllMocks()
})

// Windows' proactor is the only one who may use a socket of its.
describe.skipIf(process.platform === 'win32')('TLS over a socket', () => {
  const openDescriptors = () => readdirSync('/dev/fd').length

  it('has a duplicate of the descriptor, which goes with it', async () => {
    await run(() => connected(conversation))
    const before = openDescriptors()
    for (const end of ['close', 'abort'] as const) {
      await run(() =>
        connected(async (reader, writer) => {
          expect(carrier(writer)).toBeInstanceOf(NodeSocket)
          await echoes(reader, writer)
          if (end === 'close') await writer.close()
          else writer.transport.abort()
        }),
      )
      expect(openDescriptors(), end).toBe(before)
    }
  })

  it('lets go of it when the loop closes', async () => {
    await run(() => connected(conversation))
    const before = openDescriptors()
    await run(async () => {
      const open = new Promise<void>((resolve) => {
        createTask(() =>
          connected(async (reader, writer) => {
            await echoes(reader, writer)
            resolve()
            await sleep(10_000)
          }),
        )
      })
      await open
      expect(openDescriptors()).toBeGreaterThan(before + 4)
    })
    expect(openDescriptors()).toBe(before)
  })

  it('does without where there is no descriptor left', async () => {
    const dup = vi.spyOn(Socket.prototype, 'dup').mockImplementation(() => {
      throw Object.assign(new Error('dup EMFILE'), { code: 'EMFILE' })
    })
    await run(() =>
      connected(async (reader, writer) => {
        expect(carrier(writer)).not.toBeInstanceOf(NodeSocket)
        await conversation(reader, writer)
      }),
    )
    expect(dup).toHaveBeenCalledTimes(2)
  })
})
