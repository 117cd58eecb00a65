import { relative } from 'node:path'
import { endChildrenWithThisProcess } from './child.js'
import { echo } from './echo.js'
import { fairness } from './fairness.js'
import { type Goal, goalsTable, reached } from './goals.js'
import { idle } from './idle.js'
import { chooseCores, describeMachine } from './machine.js'
import { micro } from './micro.js'
import { type Options, parseOptions, type SuiteName, USAGE } from './options.js'
import { listPeers, type Peer } from './peers.js'
import { places } from './places.js'
import { buildPrograms } from './programs.js'
import { type Run, writeReport } from './report.js'
import { spawn } from './spawn.js'
import type { Bench, SuiteResult } from './suite.js'
import { render } from './table.js'
import { tls } from './tls.js'
import { udp } from './udp.js'
import { listUdpPeers } from './udp-peers.js'

const RUNNERS: Record<SuiteName, (bench: Bench) => Promise<SuiteResult>> = {
  echo,
  udp,
  idle,
  fairness,
  micro,
  tls,
  spawn,
}

// An idle machine stands at some hundredths; above this somebody else is computing.
const QUIET = 0.5

function choosePeers(all: readonly Peer[], others: readonly string[], wanted: readonly string[] | null): Peer[] {
  const known = [...new Set([...all.map(({ name }) => name), ...others])]
  const unknown = wanted?.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new RangeError(`There is no peer '${unknown}'; there are ${known.join(', ')}`)
  return all.filter(({ name }) => wanted === null || wanted.includes(name))
}

function describeRun(options: Options, peers: readonly Peer[], shared: string): Run {
  const machine = describeMachine()
  const cautions = [
    ...(options.quick ? ['a quick run: it shows that all works, not how fast'] : []),
    ...(shared ? [shared] : []),
    ...(machine.loadAverage > QUIET
      ? [`others were computing when it began (load average ${machine.loadAverage})`]
      : []),
  ]
  const pairs = (there: boolean) =>
    Object.fromEntries(
      peers.filter(({ command }) => (command !== null) === there).map((peer) => [peer.name, peer.version]),
    )
  return { startedAt: new Date().toISOString(), machine, cautions, versions: pairs(true), missing: pairs(false) }
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2))
  if (options === null) {
    console.log(USAGE)
    return 0
  }
  endChildrenWithThisProcess()
  const programs = await buildPrograms()
  const udpPeers = listUdpPeers(programs)
  const peers = choosePeers(
    listPeers(programs),
    ['promises', 'child_process', ...udpPeers.map(({ name }) => name)],
    options.peers,
  )
  if (options.list) {
    for (const { name, style, version, command } of [
      ...peers,
      ...udpPeers.map((peer) => ({ ...peer, style: 'udp' })),
    ]) {
      console.log(`${name.padEnd(20)} ${style.padEnd(9)} ${command === null ? 'missing: ' : ''}${version}`)
    }
    return 0
  }

  const cores = chooseCores()
  const run = describeRun(options, peers, cores.shared)
  const { machine } = run
  console.log(`${machine.cpu}, ${machine.cores} cores, Linux ${machine.kernel}, Node ${machine.node}`)
  for (const caution of run.cautions) console.log(`Careful: ${caution}`)
  for (const [name, why] of Object.entries(run.missing)) console.log(`Without ${name}: ${why}`)

  const present = peers.filter(({ command }) => command !== null)
  const bench: Bench = { options, programs, cores, peers: present, progress: (line) => console.error(line) }
  const goals: Goal[] = []
  const failed: string[] = []
  for (const suite of options.suites) {
    const result = await RUNNERS[suite](bench)
    for (const table of result.tables) console.log(render(table))
    for (const { case: kind, peer, message } of result.failures) failed.push(`${suite}, ${kind}, ${peer}: ${message}`)
    goals.push(...result.goals)
    console.log(`Written: ${relative(places.root, writeReport(options, run, suite, result))}`)
  }
  if (goals.length > 0)
    console.log(render(goalsTable(goals, run.cautions.map((text) => `Careful: ${text}`).join('\n'))))
  for (const failure of failed) console.error(`FAILED: ${failure}`)
  const missed = goals.some((goal) => !reached(goal))
  return failed.length > 0 || (options.check && missed) ? 1 : 0
}

try {
  process.exitCode = await main()
} catch (error) {
  const usage = error instanceof RangeError || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')
  console.error(usage ? `${(error as Error).message}\n\n${USAGE}` : error)
  process.exitCode = usage ? 2 : 1
}
