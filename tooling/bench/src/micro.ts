import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { runToEnd } from './child.js'
import { OURS, type Peer } from './peers.js'
import { places } from './places.js'
import { type Bench, type SuiteResult, takeTurns } from './suite.js'
import { figure, type Table } from './table.js'

/** A program that prints the nanoseconds of each primitive. */
interface Implementation {
  name: string
  command: readonly string[]
}

const LIMIT = 120_000

export const MEANING: Readonly<Record<string, string>> = {
  callSoon: 'callSoon, 1,000 in one pass',
  callSoonChain: 'callSoon, a pass for each',
  callLaterCancelled: 'callLater and cancel',
  callLaterFired: 'callLater(0) until it has fired',
  taskSwitch: 'task switch: sleep(0) in 10 tasks',
  taskSwitchAlone: 'task switch: sleep(0) in one task',
  futureWakeUp: 'wake-up by a future',
  createTask: 'a task from start to end',
  lockFree: 'a lock that is free',
  lockHandOver: 'a lock from one task to the next',
  queuePutGet: 'a queue: put and get, no wait',
  queueHandOver: 'a queue of one: an item from task to task',
}

function implementations(peers: readonly Peer[], wanted: readonly string[] | null): Implementation[] {
  const node = (name: string, file: string) => ({ name, command: [process.execPath, join(places.micro, file)] })
  const built = existsSync(join(places.root, 'packages', 'core', 'dist', 'index.js'))
  const python = peers
    .filter(({ name }) => name === 'asyncio' || name === 'uvloop')
    .map(({ name, command }) => {
      const flags = name === 'uvloop' ? ['--uvloop'] : []
      return { name, command: [command![0], join(places.micro, 'asyncio_micro.py'), ...flags] }
    })
  const all = [...(built ? [node(OURS, 'loop.mjs')] : []), node('promises', 'promises.mjs'), ...python]
  return wanted === null ? all : all.filter(({ name }) => wanted.includes(name))
}

async function measure(bench: Bench, { name, command }: Implementation): Promise<Record<string, number>> {
  // For each primitive; the median is of some hundred batches in the long run, of five at least in the quick one.
  const milliseconds = bench.options.quick ? 30 : 300
  const { code, stdout, stderr } = await runToEnd([...command, String(milliseconds)], LIMIT, {
    core: bench.cores.server,
  })
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${stderr.trim().slice(-2000)}`)
  return JSON.parse(stdout)
}

/** What each primitive costs: ours, CPython's, uvloop's, and the bare language's. */
export async function micro(bench: Bench): Promise<SuiteResult> {
  const peers = implementations(bench.peers, bench.options.peers)
  const kind = 'ns'
  const { samples, failures } = await takeTurns(bench, {
    rounds: bench.options.rounds,
    cases: [kind],
    peers,
    caseName: (name) => name,
    peerName: ({ name }) => name,
    measure: ({ peer }) => measure(bench, peer),
    brief: ({ callSoon, taskSwitch }) => `callSoon ${figure(callSoon!)} ns, task switch ${figure(taskSwitch!)} ns`,
  })
  const names = peers.map(({ name }) => name)
  const others = names.includes(OURS) ? names.filter((name) => name !== OURS) : []
  const table: Table = {
    title: 'Primitives, ns of CPU time each',
    head: ['', ...names, ...others.map((peer) => `${peer} / ${OURS}`)],
    rows: Object.entries(MEANING).map(([operation, meaning]) => [
      meaning,
      ...names.map((peer) => samples.median(peer, kind, operation)),
      ...others.map((peer) => samples.ratio(peer, OURS, kind, operation)),
    ]),
    note: `promises: what the bare language and host offer for the same end (see the README). X / ${OURS}: above 1, ours takes less.`,
  }
  return { samples, failures, tables: [table], goals: [], summary: null }
}
