import { setTimeout as delay } from 'node:timers/promises'
import { type Cell, cellName } from './cells.js'
import type { Goal } from './goals.js'
import { loadServer } from './load.js'
import { BASELINES, OURS, type Peer } from './peers.js'
import { Server } from './server.js'
import { type Bench, type SuiteResult, takeTurns } from './suite.js'
import { figure, type Table } from './table.js'

interface Lateness {
  count: number
  p50Ms: number
  p99Ms: number
  maxMs: number
}

/** Null: no load, for comparison. */
type Burden = Cell | null

const BURDENS: readonly Burden[] = [
  null,
  { connections: 100, size: 64 },
  { connections: 1000, size: 1024 },
  { connections: 100, size: 16_384 },
]
const QUICK_BURDENS: readonly Burden[] = [null, { connections: 100, size: 64 }]

// The load still runs when the timers are stopped, however slowly the question gets through.
const OVERLAP = 0.5

const burdenName = (burden: Burden) => (burden === null ? 'no load' : cellName(burden))

async function measure(bench: Bench, peer: Peer, burden: Burden) {
  const { cores, options, programs } = bench
  const server = await Server.start(peer, { core: cores.server, probe: true })
  const timers = async () => {
    await delay(options.warmup * 1000)
    await server.ask('start timers')
    await delay(options.seconds * 1000)
    return await server.ask<Lateness>('stop timers')
  }
  try {
    if (burden === null) return { ...(await timers()), rate: 0 }
    const seconds = options.seconds + OVERLAP
    const load = loadServer(server, burden, {
      program: programs.load,
      core: cores.load,
      seconds,
      warmup: options.warmup,
    })
    const [lateness, { rate }] = await Promise.all([timers(), load])
    return { ...lateness, rate }
  } finally {
    await server.stop()
  }
}

/** How late the host's own timers fire beside a server that has all it can do. */
export async function fairness(bench: Bench): Promise<SuiteResult> {
  const burdens = bench.options.quick ? QUICK_BURDENS : BURDENS
  const peers = bench.peers.filter(({ node, style }) => node && bench.options.styles.includes(style))
  const { samples, failures } = await takeTurns(bench, {
    rounds: bench.options.rounds,
    cases: burdens,
    peers,
    caseName: burdenName,
    peerName: ({ name }) => name,
    measure: ({ peer, case: burden }) => measure(bench, peer, burden),
    brief: ({ p50Ms, p99Ms }) => `late by ${figure(p50Ms!)} ms (p50), ${figure(p99Ms!)} ms (p99)`,
  })

  const tables: Table[] = burdens.map((burden) => ({
    title: `Lateness of setTimeout(10) in the server's process, ${burdenName(burden)}, ms`,
    head: ['', 'p50', 'p99', 'max', `p99 / ${BASELINES.nodeNet}`, 'requests/s'],
    rows: peers
      .map(({ name }) => name)
      .filter((name) => samples.peers().includes(name))
      .map((peer) => [
        peer,
        ...['p50Ms', 'p99Ms', 'maxMs'].map((value) => samples.median(peer, burdenName(burden), value)),
        samples.ratio(peer, BASELINES.nodeNet, burdenName(burden), 'p99Ms'),
        samples.median(peer, burdenName(burden), 'rate'),
      ]),
  }))
  const goals: Goal[] = burdens
    .filter((burden) => burden !== null)
    .map((burden) => ({
      what: `host timers' p99 lateness / ${BASELINES.nodeNet}, ${burdenName(burden)}`,
      bound: 'at most',
      wanted: 1,
      measured: samples.ratio(OURS, BASELINES.nodeNet, burdenName(burden), 'p99Ms'),
    }))
  return { samples, failures, tables, goals, summary: null }
}
