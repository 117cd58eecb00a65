import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runToEnd } from './child.js'
import type { Goal } from './goals.js'
import { OURS, type Peer } from './peers.js'
import { places } from './places.js'
import { type Bench, type SuiteResult, takeTurns } from './suite.js'
import { figure, type Table } from './table.js'

/** A program that starts processes: it takes `MIB SECONDS WARMUP` and prints a line of JSON. */
interface SpawnPeer {
  name: string
  command: readonly string[]
}

const BASELINE = 'child_process'

/** Resident memory of the program that starts processes, in MiB. */
const SIZES = [50, 2048] as const

/** Filling the memory and ending happen outside the measured seconds. */
const ALLOWANCE = 60_000

const nameOf = (size: number) => (size < 1024 ? `${size} MiB` : `${size / 1024} GiB`)

/** The Python that the other suites use too, where there is one. */
export function listSpawnPeers(peers: readonly Peer[], wanted: readonly string[] | null): SpawnPeer[] {
  const node = (name: string, file: string): SpawnPeer => ({
    name,
    command: [process.execPath, join(places.peers, 'spawn', file)],
  })
  const built = existsSync(join(places.root, 'packages', 'core', 'dist', 'index.js'))
  const python = peers
    .filter(({ name, command }) => (name === 'asyncio' || name === 'uvloop') && command !== null)
    .map(({ name, command }) => {
      const flags = name === 'uvloop' ? ['--uvloop'] : []
      return { name, command: [command![0], join(places.peers, 'spawn', 'asyncio_spawn.py'), ...flags] }
    })
  const all = [...(built ? [node(OURS, 'loop.mjs')] : []), node(BASELINE, 'child-process.mjs'), ...python]
  return wanted === null ? all : all.filter(({ name }) => wanted.includes(name))
}

async function measure(
  { options }: Bench,
  { name, command }: SpawnPeer,
  size: number,
): Promise<Record<string, number>> {
  const { seconds, warmup } = options
  // On any core: a child runs beside its parent where there are two.
  const { code, stdout, stderr } = await runToEnd(
    [...command, String(size), String(seconds), String(warmup)],
    (seconds + warmup) * 1000 + ALLOWANCE,
  )
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr.trim().slice(-2000)}`)
  return JSON.parse(stdout)
}

/** /bin/true from its start to its end, and how long the loop stands still for it, in small processes and in large ones. */
export async function spawn(bench: Bench): Promise<SuiteResult> {
  const peers = listSpawnPeers(bench.peers, bench.options.peers)
  const { samples, failures } = await takeTurns(bench, {
    rounds: bench.options.rounds,
    cases: SIZES,
    peers,
    caseName: nameOf,
    peerName: ({ name }) => name,
    measure: ({ peer, case: size }) => measure(bench, peer, size),
    brief: ({ spawnMs, pauseMs }) => `${figure(spawnMs!)} ms, of which the loop stands still ${figure(pauseMs!)}`,
  })
  const names = peers.map(({ name }) => name)
  const tables: Table[] = SIZES.map((size) => {
    const kind = nameOf(size)
    const value = (peer: string, name: string) => samples.median(peer, kind, name)
    const ratio = (peer: string, name: string) => samples.ratio(peer, OURS, kind, name)
    return {
      title: `/bin/true, started by a process of ${kind}`,
      head: [
        '',
        'start to end, ms',
        `/ ${OURS}`,
        'pause of the loop, ms',
        `/ ${OURS}`,
        'longest pause, ms',
        `/ ${OURS}`,
      ],
      rows: names.map((peer) => [
        peer,
        value(peer, 'spawnMs'),
        ratio(peer, 'spawnMs'),
        value(peer, 'pauseMs'),
        ratio(peer, 'pauseMs'),
        value(peer, 'longestMs'),
        ratio(peer, 'longestMs'),
      ]),
      note: `Pause: how much later than after 1 ms a timer of the loop fires, the most for each start, the median of all starts. X / ${OURS}: above 1, ours takes less.`,
    }
  })
  const large = nameOf(SIZES[1])
  const goals: Goal[] = [
    {
      what: `spawn, pause of the loop in a process of ${large}, ms`,
      bound: 'at most',
      wanted: 2,
      measured: samples.median(OURS, large, 'pauseMs'),
    },
  ]
  return { samples, failures, tables, goals, summary: null }
}
