import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createTlsContext, type Server, type Transport } from '@loop/core'
import { addressOf, Recorder } from './recorder.js'
import type { Ground } from './within_loop.js'

const file = (name: string) => readFileSync(new URL(`../certificates/${name}`, import.meta.url))
export const cert = file('localhost.crt')
export const key = file('localhost.key')
export const serverContext = createTlsContext({ cert, key })
export const clientContext = createTlsContext({ ca: cert })
export const local = { host: '127.0.0.1', port: 0 }

export type Pair = { client: Recorder; server: Recorder; near: Transport; far: Transport; listening: Server }

/** A server over TLS; its protocols in the order of their connections. */
export async function tlsServer({ loop, own }: Ground, options: object = {}): Promise<[Server, Recorder[]]> {
  const accepted: Recorder[] = []
  const factory = () => {
    const protocol = new Recorder(loop)
    accepted.push(protocol)
    return protocol
  }
  const server = (await loop.createServer(factory, { ...local, ssl: serverContext, ...options })) as Server
  own(server)
  return [server, accepted]
}

/** Two protocols with TLS between them, after both handshakes. */
export async function tlsPair(ground: Ground, serverOptions: object = {}, clientOptions: object = {}): Promise<Pair> {
  const { loop } = ground
  const [listening, accepted] = await tlsServer(ground, serverOptions)
  const [near, client] = await loop.createConnection(() => new Recorder(loop), {
    ...addressOf(listening),
    ssl: clientContext,
    ...clientOptions,
  })
  const server = accepted[0]!
  await server.until(() => server.events.includes('made'))
  return { client, server, near, far: server.transport, listening }
}

export async function closeBoth({ client, server, near }: Pair): Promise<void> {
  near.close()
  assert.equal(await client.ended(), null)
  assert.equal(await server.ended(), null)
}

/** A server's failed handshakes are reported in debug mode, and only there. */
export function takeHandshakeReports({ loop, reports }: Ground): void {
  const failed = reports.splice(0).map(({ message }) => message)
  assert.deepEqual(new Set(failed), new Set(loop.getDebug() ? ['SSL handshake failed on an incoming connection'] : []))
}

export const megabytes = Buffer.alloc(4 * 1024 * 1024, 'The quick brown fox jumps over the lazy dog. ')
