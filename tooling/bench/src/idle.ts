import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { HeldConnections } from './connections.js'
import type { Goal } from './goals.js'
import { descriptorLimit } from './machine.js'
import { BASELINES, OURS, type Peer } from './peers.js'
import { Server } from './server.js'
import { type Bench, type SuiteResult, takeTurns } from './suite.js'
import { figure, type Table } from './table.js'

// What a process opens besides: its program's files, the poller, the listener, this bench's own pipes.
const OTHER_DESCRIPTORS = 200

/** Bytes: resident, and what JavaScript holds of them where a probe can tell. */
interface Memory {
  resident: number
  heap: number
}

async function residentBytes(pid: number): Promise<number> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8')
  return Number(/^Rss:\s+(\d+) kB/m.exec(rollup)![1]) * 1024
}

async function memoryOf(server: Server): Promise<Memory> {
  const heap = server.peer.node ? (await server.ask<{ heap: number }>('memory')).heap : Number.NaN
  // A runtime without a probe gets the same moment to come to rest.
  if (!server.peer.node) await delay(200)
  return { resident: await residentBytes(server.pid), heap }
}

async function measure(bench: Bench, peer: Peer, count: number) {
  const server = await Server.start(peer, { core: bench.cores.server, probe: peer.node })
  const connections = new HeldConnections(server.port)
  try {
    // The first fifth pays for what any number of connections needs once: compiled code, pools, a grown heap.
    const first = Math.ceil(count / 5)
    const empty = await memoryOf(server)
    await connections.add(first)
    const begun = await memoryOf(server)
    await connections.add(count - first)
    const full = await memoryOf(server)
    if (connections.open !== count) throw new Error(`${peer.name} closed ${count - connections.open} idle connections`)
    return {
      residentEach: (full.resident - begun.resident) / (count - first),
      heapEach: (full.heap - begun.heap) / (count - first),
      residentFromStart: (full.resident - empty.resident) / count,
      residentEmpty: empty.resident,
    }
  } finally {
    await connections.close()
    await server.stop()
  }
}

/** Memory of the server for each connection that is open and says nothing. */
export async function idle(bench: Bench): Promise<SuiteResult> {
  const count = Math.min(bench.options.connections, descriptorLimit() - OTHER_DESCRIPTORS)
  if (count < bench.options.connections) {
    bench.progress(
      `Idle: ${count} connections, not ${bench.options.connections}: the limit of descriptors (ulimit -Hn)`,
    )
  }
  const peers = bench.peers.filter(({ style }) => bench.options.styles.includes(style))
  const kind = `${count} idle connections`
  const { samples, failures } = await takeTurns(bench, {
    rounds: bench.options.rounds,
    cases: [kind],
    peers,
    caseName: (name) => name,
    peerName: ({ name }) => name,
    measure: ({ peer }) => measure(bench, peer, count),
    brief: ({ residentEach }) => `${figure(residentEach!)} bytes each`,
  })

  const value = (peer: string, name: string) => samples.median(peer, kind, name)
  const measured = peers.map(({ name }) => name).filter((name) => samples.peers().includes(name))
  const table: Table = {
    title: `Memory of the server: ${kind}`,
    head: [
      '',
      'resident, bytes each',
      `/ ${BASELINES.nodeNet}`,
      'JS heap, bytes each',
      'with start-up, bytes each',
      'empty, MiB',
    ],
    rows: measured.map((peer) => [
      peer,
      value(peer, 'residentEach'),
      samples.ratio(peer, BASELINES.nodeNet, kind, 'residentEach'),
      value(peer, 'heapEach'),
      value(peer, 'residentFromStart'),
      value(peer, 'residentEmpty') / 2 ** 20,
    ]),
    note: 'Each connection has echoed one message. "Each" is the growth from the first fifth of them to all; Node is asked to collect first.',
  }
  const goal: Goal = {
    what: `bytes resident, each of ${kind}`,
    bound: 'at most',
    wanted: 1.5 * 1024,
    measured: value(OURS, 'residentEach'),
  }
  return { samples, failures, tables: [table], goals: [goal], summary: { connections: count } }
}
