// TLS on a host whose wrapper of streams is not known. On Node it is, and the conformance suite runs with it.
import type { TLSSocket } from 'node:tls'
import { expect, it, vi } from 'vitest'
import { openConnection, run, startServer } from '../../src/index.js'
import { contexts } from './contexts.js'

vi.mock('../../src/tls/descriptor_carrier.js', () => ({ DescriptorCarrier: { open: () => null } }))
vi.mock('../../src/tls/stream_wrapper.js', () => ({ streamWrapperOf: () => null }))

const much = Buffer.alloc(3 * 1024 * 1024, 'all that is sent comes back, in its order; ')

it('sends and receives more than fits into buffers, and ends', async () => {
  const received = await run(async () => {
    const server = await startServer(
      async (reader, writer) => {
        for (;;) {
          const data = await reader.read(65_536)
          if (data.length === 0) break
          await writer.write(data)
        }
        await writer.close()
      },
      { host: '127.0.0.1', port: 0, ssl: contexts.server },
    )
    const { port } = server.sockets[0]!.getsockname() as { port: number }
    const ssl = contexts.client
    const [reader, writer] = await openConnection({ host: '127.0.0.1', port, ssl, serverHostname: 'localhost' })
    // Read as any stream, which shows that the other way was not taken.
    expect((writer.getExtraInfo('sslObject') as TLSSocket).listenerCount('data')).toBe(1)
    const sent = writer.write(much)
    const back = await reader.readexactly(much.length)
    await sent
    await writer.close()
    server.close()
    await server.waitClosed()
    return back
  })
  expect(received.equals(much)).toBe(true)
})
