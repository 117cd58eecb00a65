import { type Cell, cellName, countsInMean } from './cells.js'
import { CPU, standingsTable, styleTables } from './echo-tables.js'
import type { Goal } from './goals.js'
import { loadServer } from './load.js'
import { BASELINES, OURS, OURS_BUFFERED, type Peer } from './peers.js'
import type { Samples } from './samples.js'
import { Server } from './server.js'
import { standing } from './standing.js'
import { type Bench, type SuiteResult, takeTurns } from './suite.js'
import { figure } from './table.js'

async function measure(bench: Bench, peer: Peer, cell: Cell) {
  const { cores, options, programs } = bench
  // A fresh process for each: what one cell has compiled and allocated must not speed or slow the next.
  const server = await Server.start(peer, { core: cores.server })
  try {
    const how = { program: programs.load, core: cores.load, warmup: options.warmup, seconds: options.seconds }
    // A rehearsal whose connections are closed again: CPython's allocator returns its receive buffers to the
    // kernel at every read until the heap has seen connections come and go, at three times the price.
    await loadServer(server, cell, { ...how, warmup: 0, seconds: options.warmup })
    const load = await loadServer(server, cell, how)
    const { rate, requests, p50Us, p99Us, fewestOnOneConnection, serverCpuSeconds, loadCpuSeconds } = load
    const values = {
      rate,
      requests,
      p50Us,
      p99Us,
      fewestOnOneConnection,
      [CPU]: (serverCpuSeconds / requests) * 1e6,
      serverBusy: serverCpuSeconds / load.seconds,
      loadBusy: loadCpuSeconds / load.seconds,
    }
    if (!(await server.stop())) throw new Error(`${peer.name} went on after SIGTERM and had to be killed`)
    return values
  } finally {
    await server.stop()
  }
}

/** Callbacks of both kinds are to reach the same. */
const GOALS = [OURS, OURS_BUFFERED]

function goals(samples: Samples, cells: readonly Cell[], ours: string): Goal[] {
  const against = (base: string) => standing(samples, cells, ours, base, 'rate')
  const counted = `${cells.filter(countsInMean).length} cells`
  const goal = (base: string, which: string, wanted: number, measured: number): Goal => ({
    what: `echo, rate of ${ours} / ${base}, ${which} of ${counted}`,
    bound: 'at least',
    wanted,
    measured,
  })
  const { nodeNet, floor, uvloop } = BASELINES
  return [
    goal(nodeNet, 'geomean', 1.7, against(nodeNet).geomean),
    goal(nodeNet, 'least', 1.3, against(nodeNet).least),
    goal(floor, 'geomean', 0.9, against(floor).geomean),
    goal(uvloop, 'geomean', 1.15, against(uvloop).geomean),
  ]
}

/** TCP echo: what a request costs, against the peers and against the kernel's own price. */
export async function echo(bench: Bench): Promise<SuiteResult> {
  const { cells, rounds, styles } = bench.options
  // The callbacks of node:net and the C floor are what either style is measured by.
  const common: readonly string[] = [BASELINES.nodeNet, BASELINES.floor]
  const peers = bench.peers.filter(({ name, style }) => styles.includes(style) || common.includes(name))
  const { samples, failures } = await takeTurns(bench, {
    rounds,
    cases: cells,
    peers,
    caseName: cellName,
    peerName: ({ name }) => name,
    measure: ({ case: cell, peer }) => measure(bench, peer, cell),
    brief: (values) => `${figure(values['rate']!)} requests/s, CPU ${figure(values[CPU]!)} us each`,
  })

  const measured = peers.filter(({ name }) => samples.peers().includes(name))
  const tables = styles.flatMap((style) => {
    const own = measured.filter((peer) => peer.style === style)
    const compared = measured.filter((peer) => peer.style === style || common.includes(peer.name))
    return own.length > 0 ? styleTables(samples, cells, style, compared) : []
  })
  tables.push(standingsTable(samples, cells, measured))

  const summary = Object.fromEntries(
    measured.map(({ name }) => [
      name,
      Object.fromEntries(Object.values(BASELINES).map((base) => [base, standing(samples, cells, name, base, 'rate')])),
    ]),
  )
  return { samples, failures, tables, goals: GOALS.flatMap((ours) => goals(samples, cells, ours)), summary }
}
