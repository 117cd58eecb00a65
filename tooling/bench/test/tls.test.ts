import { expect, it } from 'vitest'
import { Server } from '../src/server.js'
import { loadTls, TLS_PEERS } from '../src/tls.js'

it.each(TLS_PEERS)(
  '$name over TLS echoes, sends and receives',
  async (peer) => {
    const server = await Server.start(peer)
    try {
      const how = { warmup: 0.05, seconds: 0.1 }
      for (const size of [64, 100_000]) {
        const { messages } = await loadTls(server, { kind: 'echo', connections: 3, size }, how)
        expect(messages).toBeGreaterThan(0)
      }
      for (const kind of ['download', 'upload'] as const) {
        const { bytes } = await loadTls(server, { kind, connections: 1, size: 65_536 }, how)
        expect(bytes).toBeGreaterThan(0)
      }
    } finally {
      expect(await server.stop()).toBe(true)
    }
  },
  60_000,
)
