import { run } from '@loop/core'
import { type ConnectOptions, connect, createConnection, type LoopSocket } from '@loop/node'
import { describe, inject, it } from 'vitest'
import type { Endpoints } from './servers/endpoints.js'
import { cert } from './servers/folder.js'

/** One of our transports to a server. */
export interface Way {
  readonly name: 'TCP' | 'Unix' | 'TLS'
  readonly options: ConnectOptions
  /** A socket that is about to be connected. */
  socket(): LoopSocket
  /** One that is. */
  connected(): Promise<LoopSocket>
}

/** Runs `body` on a loop that is told of no error. */
export async function onLoop(body: () => Promise<void>): Promise<void> {
  const reports: unknown[] = []
  await run(async () => {
    const { getRunningLoop } = await import('@loop/core')
    getRunningLoop().setExceptionHandler((_, context) => void reports.push(context))
    await body()
  })
  if (reports.length > 0) throw new Error('the exception handler was told of something', { cause: reports })
}

/** Our transports to a server, as far as it has them. */
export function waysTo(server: keyof Endpoints): Way[] {
  const { port, path, tlsPort } = inject('endpoints')[server]
  const all: [Way['name'], ConnectOptions][] = [['TCP', { host: '127.0.0.1', port }]]
  if (path !== undefined) all.push(['Unix', { path }])
  if (tlsPort !== undefined) all.push(['TLS', { host: 'localhost', port: tlsPort, ssl: { ca: cert } }])
  return all.map(([name, options]) => ({
    name,
    options,
    socket: () => createConnection(options),
    connected: () => connect(options),
  }))
}

/** Tests of a client, once for each of our transports that its server has. */
export function overEach(
  client: string,
  server: keyof Endpoints,
  tests: (test: (title: string, body: (way: Way) => Promise<void>) => void) => void,
): void {
  describe.each(waysTo(server))(`${client} over $name`, (way) => {
    tests((title, body) => it(title, () => onLoop(() => body(way))))
  })
}
