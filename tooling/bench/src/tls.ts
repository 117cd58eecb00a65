import { join } from 'node:path'
import { runToEnd } from './child.js'
import type { Goal } from './goals.js'
import { OURS, type Peer } from './peers.js'
import { places } from './places.js'
import { Server } from './server.js'
import { type Bench, type SuiteResult, takeTurns } from './suite.js'
import { figure, type Table } from './table.js'

/** What the connections are used for: messages that are echoed, or bytes in one direction. */
interface Traffic {
  kind: 'echo' | 'download' | 'upload'
  connections: number
  size: number
}

const BASELINE = 'node-tls'

const TRAFFIC: readonly Traffic[] = [
  { kind: 'download', connections: 1, size: 65_536 },
  { kind: 'upload', connections: 1, size: 65_536 },
  { kind: 'echo', connections: 10, size: 16_384 },
  { kind: 'echo', connections: 10, size: 64 },
  { kind: 'echo', connections: 100, size: 64 },
]
const QUICK_TRAFFIC = TRAFFIC.filter(({ connections }) => connections < 100)

/** Connecting and compiling happen outside the measured seconds. */
const ALLOWANCE = 30_000

function nameOf({ kind, connections, size }: Traffic): string {
  if (kind !== 'echo') return `${kind}, MB/s`
  return `echo ${connections} x ${size < 1024 ? `${size} B` : `${size / 1024} KiB`}, replies/s`
}

export const TLS_PEERS: readonly Peer[] = [
  [OURS, 'loop.mjs'],
  [BASELINE, 'node.mjs'],
].map(([name, file]) => ({
  name: name!,
  style: 'protocol',
  node: true,
  command: [process.execPath, join(places.peers, 'tls', file!)],
  version: `Node ${process.version}`,
}))

interface Seen {
  messages: number
  bytes: number
  seconds: number
  serverCpuSeconds: number
}

/** Puts a server of the TLS peers under the load that is the same for all of them. */
export async function loadTls(
  server: Server,
  { kind, connections, size }: Traffic,
  how: { warmup: number; seconds: number; core?: number | undefined },
): Promise<Seen> {
  const numbers = [connections, size, how.warmup, how.seconds, server.pid].map(String)
  const program = [process.execPath, join(places.peers, 'tls', 'load.mjs')]
  const limit = (how.warmup + how.seconds) * 1000 + ALLOWANCE
  const { code, stdout, stderr } = await runToEnd([...program, String(server.port), kind, ...numbers], limit, {
    core: how.core,
  })
  if (code !== 0) throw new Error(`The load ended with ${code}: ${stderr.trim().slice(-2000)}`)
  return JSON.parse(stdout)
}

async function measure({ cores, options }: Bench, peer: Peer, traffic: Traffic) {
  const server = await Server.start(peer, { core: cores.server })
  try {
    const { warmup, seconds } = options
    const seen = await loadTls(server, traffic, { warmup, seconds, core: cores.load })
    const units = traffic.kind === 'echo' ? seen.messages : seen.bytes / 1e6
    return { rate: units / seen.seconds, cpuUsPerUnit: (seen.serverCpuSeconds / units) * 1e6 }
  } finally {
    await server.stop()
  }
}

/** TLS over the loop's transports against node:tls over node:net: bytes a second each way, and echoes. */
export async function tls(bench: Bench): Promise<SuiteResult> {
  const cases = bench.options.quick ? QUICK_TRAFFIC : TRAFFIC
  const { samples, failures } = await takeTurns(bench, {
    rounds: bench.options.rounds,
    cases,
    peers: TLS_PEERS,
    caseName: nameOf,
    peerName: ({ name }) => name,
    measure: ({ peer, case: traffic }) => measure(bench, peer, traffic),
    brief: ({ rate, cpuUsPerUnit }) => `${figure(rate!)}/s, CPU ${figure(cpuUsPerUnit!)} us each`,
  })
  const kinds = cases.map(nameOf)
  const table: Table = {
    title: 'TLS: a server on the loop, and one on node:tls over node:net; the load is node:tls',
    head: ['', OURS, BASELINE, 'ratio', "ratio of the server's CPU"],
    rows: kinds.map((kind) => [
      kind,
      samples.median(OURS, kind, 'rate'),
      samples.median(BASELINE, kind, 'rate'),
      samples.ratio(OURS, BASELINE, kind, 'rate'),
      samples.ratio(OURS, BASELINE, kind, 'cpuUsPerUnit'),
    ]),
  }
  const goals: Goal[] = kinds.map((kind) => ({
    what: `TLS, ${kind} / ${BASELINE}`,
    bound: 'at least',
    wanted: 0.9,
    measured: samples.ratio(OURS, BASELINE, kind, 'rate'),
  }))
  return { samples, failures, tables: [table], goals, summary: null }
}
