import { type Cell, cellName, countsInMean } from './cells.js'
import { BASELINES, OURS, type Peer, type Style } from './peers.js'
import type { Samples } from './samples.js'
import { standing } from './standing.js'
import { median } from './statistics.js'
import { figure, type Table } from './table.js'

/** The name under which the server's CPU time for one request is kept among the samples' values. */
export const CPU = 'cpuUsPerRequest'

/** Below this part of its core a server waited for the load. */
const BUSY = 0.9

/** One value of every peer, cell by cell. */
function cellsTable(title: string, samples: Samples, cells: readonly Cell[], peers: string[], value: string): Table {
  return {
    title,
    head: ['connections x message', ...peers],
    rows: cells.map((cell) => [cellName(cell), ...peers.map((peer) => samples.median(peer, cellName(cell), value))]),
  }
}

/** One of our styles, cell by cell, against everything that it is compared with. */
function ourTable(samples: Samples, cells: readonly Cell[], ours: string, bases: string[]): Table {
  const ratio = (base: string) => (cell: Cell) => samples.ratio(ours, base, cellName(cell), 'rate')
  const standings = bases.map((base) => standing(samples, cells, ours, base, 'rate'))
  const cpu = (cell: Cell) => samples.ratio(ours, BASELINES.floor, cellName(cell), CPU)
  const cpuStanding = standing(samples, cells, ours, BASELINES.floor, CPU)
  return {
    title: `${ours}: its rate as a multiple of each other's`,
    head: ['connections x message', 'requests/s', ...bases.map((base) => `/ ${base}`), `CPU / ${BASELINES.floor}`],
    rows: [
      ...cells.map((cell) => [
        cellName(cell),
        samples.median(ours, cellName(cell), 'rate'),
        ...bases.map((base) => ratio(base)(cell)),
        cpu(cell),
      ]),
      ['geomean, 10 connections and more', '', ...standings.map(({ geomean }) => geomean), cpuStanding.geomean],
      ['least of them', '', ...standings.map(({ least }) => least), ''],
    ],
  }
}

/** What one style is, peer beside peer. */
export function styleTables(samples: Samples, cells: readonly Cell[], style: Style, peers: readonly Peer[]): Table[] {
  const names = peers.map(({ name }) => name)
  const ours = peers.find((peer) => peer.style === style && peer.name.startsWith(OURS))?.name
  const table = (what: string, value: string) =>
    cellsTable(`Echo, ${style} style: ${what}`, samples, cells, names, value)
  const others = names.filter((name) => name !== ours)
  return [
    table('requests a second', 'rate'),
    table("the server's CPU, us a request", CPU),
    table('latency p99, us', 'p99Us'),
    ...(ours === undefined ? [] : [ourTable(samples, cells, ours, others)]),
  ]
}

/** Everybody, in one line each. */
export function standingsTable(samples: Samples, cells: readonly Cell[], peers: readonly Peer[]): Table {
  const bases = Object.values(BASELINES)
  return {
    title: 'Everybody, over the cells with 10 connections and more (geometric means)',
    head: ['', ...bases.map((base) => `rate / ${base}`), `least / ${BASELINES.nodeNet}`, `CPU / ${BASELINES.floor}`],
    rows: peers.map(({ name: peer }) => [
      peer,
      ...bases.map((base) => standing(samples, cells, peer, base, 'rate').geomean),
      standing(samples, cells, peer, BASELINES.nodeNet, 'rate').least,
      standing(samples, cells, peer, BASELINES.floor, CPU).geomean,
    ]),
    note: doubts(samples, cells),
  }
}

/** What speaks against trusting the figures: how far rounds differ, and servers that were not the bottleneck. */
function doubts(samples: Samples, cells: readonly Cell[]): string {
  const spreads = samples.spreads('rate').map((part) => part * 100)
  const noise =
    spreads.length === 0
      ? 'One round only: nothing tells how far it can be trusted.'
      : `Between rounds a rate varied by ${figure(median(spreads))}% (median), ${figure(Math.max(...spreads))}% at most.`
  const counted = cells.filter(countsInMean).map(cellName)
  const waiting = samples
    .peers()
    .flatMap((peer) => counted.map((cell) => ({ peer, cell, busy: samples.median(peer, cell, 'serverBusy') })))
    .filter(({ busy }) => busy < BUSY)
    .map(({ peer, cell, busy }) => `${peer} at ${cell} (${figure(busy * 100)}%)`)
  if (waiting.length === 0) return noise
  return `${noise}\nThe load, or others on the machine, set the pace where the server had not all its core: ${waiting.join(', ')}`
}
