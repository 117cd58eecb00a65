// TLS over a stream: the copies that Node's wrapper of streams makes of what is written, and how much of what comes one turn takes.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { getRunningLoop, openConnection, run, sleep, startServer } from '../../src/index.js'
import { contexts } from './contexts.js'

/** What was given back, how much reads were offered, and in which pass of the loop those were that got all of it. */
const seen = vi.hoisted(() => ({
  pass: 0,
  released: [] as Uint8Array[],
  offered: [] as number[],
  full: [] as number[],
}))

vi.mock('../../src/tls/descriptor_carrier.js', () => ({ DescriptorCarrier: { open: () => null } }))

vi.mock('../../src/backend/load.js', async (original) => {
  const real = await original<typeof import('../../src/backend/load.js')>()
  const backend = real.currentBackend()
  const { release, recv } = backend.sockets
  const sockets = Object.create(backend.sockets, {
    release: {
      value: (bytes: Uint8Array) => {
        seen.released.push(bytes)
        return release(bytes)
      },
    },
    recv: {
      value: (...args: Parameters<typeof recv>) => {
        const count = recv(...args)
        seen.offered.push(args[3])
        if (count === args[3]) seen.full.push(seen.pass)
        return count
      },
    },
  })
  const changed = Object.create(backend, { sockets: { value: sockets } })
  return { ...real, currentBackend: () => changed }
})

beforeEach(() => {
  Object.assign(seen, { pass: 0, released: [], offered: [], full: [] })
})

/** Sends `much` to a server that begins to read after `pause` milliseconds; what it received. */
async function sent(much: Buffer, pause: number): Promise<Buffer> {
  return await run(async () => {
    const loop = getRunningLoop()
    const count = () => {
      seen.pass++
      if (loop.isRunning()) loop.callSoon(count)
    }
    loop.callSoon(count)
    let received: Buffer = Buffer.alloc(0)
    const server = await startServer(
      async (reader, writer) => {
        await sleep(pause)
        received = await reader.readexactly(much.length)
        await writer.close()
      },
      { host: '127.0.0.1', port: 0, ssl: contexts.server },
    )
    const { port } = server.sockets[0]!.getsockname() as { port: number }
    const ssl = contexts.client
    const [reader, writer] = await openConnection({ host: '127.0.0.1', port, ssl, serverHostname: 'localhost' })
    await writer.write(much)
    await reader.read()
    await writer.close()
    server.close()
    await server.waitClosed()
    return received
  })
}

describe('the memory of encrypted writes', () => {
  it('is given back when they have left', async () => {
    const much = Buffer.alloc(64 * 1024, 'leaves at once')
    expect((await sent(much, 0)).equals(much)).toBe(true)
    expect(seen.released.length).toBeGreaterThan(0)
    for (const bytes of seen.released) expect(bytes.length).toBe(0)
  })

  it('stays while the transport has some of it', async () => {
    const much = Buffer.alloc(12 * 1024 * 1024, 'waits for a peer that does not read yet')
    expect((await sent(much, 50)).equals(much)).toBe(true)
  })
})

// Windows' proactor receives by operations, one at a time.
it.skipIf(process.platform === 'win32')('takes several reads in one turn while much has come', async () => {
  const much = Buffer.alloc(4 * 1024 * 1024, 'more than one read')
  expect((await sent(much, 20)).equals(much)).toBe(true)
  // No read offers more than what stays in the nearest cache.
  expect(Math.max(...seen.offered)).toBe(32 * 1024)
  expect(new Set(seen.full).size).toBeLessThan(seen.full.length)
})
