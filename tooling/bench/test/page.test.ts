import { expect, it } from 'vitest'
import type { SuiteName } from '../src/options.js'
import { performancePage } from '../src/page/page.js'
import { Recorded, type Report } from '../src/page/recorded.js'

function recorded(suite: SuiteName, report: Partial<Report>): [SuiteName, Recorded] {
  const machine = {
    cpu: 'A CPU',
    cores: 2,
    arch: 'x64',
    kernel: '6.1.2-x',
    node: 'v20.0.0',
    loadAverage: 0,
    environment: {},
  }
  const base: Report = {
    suite,
    startedAt: '2026-01-02T03:04:05.000Z',
    machine,
    cautions: [],
    versions: { uvloop: 'uvloop 9.9', loop: 'Node v20.0.0' },
    missing: {},
    settings: { rounds: 3, seconds: 1.5 },
    goals: [],
    failures: [],
    samples: [],
  }
  return [suite, new Recorded({ ...base, ...report })]
}

const rowsOf = (page: string) => page.split('\n').filter((line) => line.startsWith('|'))

it('a ratio is the median of the rounds’ own, and the mean counts cells of 10 connections and more', () => {
  const rates: Record<string, number[][]> = {
    '1 x 64 B': [
      [10, 100],
      [10, 100],
      [10, 100],
    ],
    '10 x 64 B': [
      [200, 100],
      [900, 300],
      [100, 100],
    ],
    '100 x 64 B': [
      [800, 100],
      [800, 100],
      [800, 100],
    ],
  }
  const samples = Object.entries(rates).flatMap(([kind, rounds]) =>
    rounds.flatMap((round, index) =>
      round.map((rate, peer) => ({
        round: index + 1,
        case: kind,
        peer: ['loop', 'node-net'][peer]!,
        values: { rate, cpuUsPerRequest: 1000 / rate },
      })),
    ),
  )
  const rows = rowsOf(performancePage(new Map([recorded('echo', { samples })])))
  expect(rows).toContain('| connections x message | ours, requests/s | rate / node-net | CPU / node-net |')
  expect(rows).toContain('| 10 x 64 B | 200 | 2.00 | 0.50 |')
  expect(rows).toContain('| **10 connections and more**, geometric mean |  | **4.00** | **0.25** |')
  expect(rows).toContain('| least and most of them |  | 2.00 to 8.00 | 0.13 to 0.50 |')
})

it('says of each chapter when, on what and how it was measured, and what speaks against it', () => {
  const page = performancePage(new Map([recorded('tls', { cautions: ['others were computing'], failures: [{}, {}] })]))
  expect(page).toContain(
    '## TLS\n\n*2026-01-02, medians of 3 rounds of 1.5 s; A CPU, 2 cores, Linux 6.1, Node v20.0.0, uvloop 9.9; ' +
      '`npm run bench -- tls --rounds 3 --seconds 1.5`. Careful: others were computing; 2 samples failed.*',
  )
})

it('names the variables that chose another poller', () => {
  const [, { report }] = recorded('tls', {})
  const machine = { ...report.machine, environment: { LOOP_BACKEND: 'poll' } }
  const page = performancePage(new Map([recorded('tls', { machine })]))
  expect(page).toContain('`LOOP_BACKEND=poll npm run bench -- tls')
})

it('has every goal that was measured, reached or missed, and none that was not', () => {
  const goals: Report['goals'] = [
    { what: 'speed', bound: 'at least', wanted: 2, measured: 1.5 },
    { what: 'weight', bound: 'at most', wanted: 2, measured: 1.5 },
    { what: 'depth', bound: 'at least', wanted: 2, measured: null },
  ]
  const rows = rowsOf(performancePage(new Map([recorded('micro', { goals })])))
  expect(rows).toContain('| speed | at least 2.00 | 1.50 | **missed** |')
  expect(rows).toContain('| weight | at most 2.00 | 1.50 | reached |')
  expect(rows.join()).not.toContain('depth')
})

it('names our own programs first, whose turn ever came first', () => {
  const samples = ['node-net', 'loop-streams', 'loop'].map((peer) => ({ round: 1, case: 'x', peer, values: {} }))
  const rows = rowsOf(performancePage(new Map([recorded('idle', { samples })])))
  expect(rows.slice(2, 5).map((row) => row.split(' ')[1])).toEqual(['loop', 'loop-streams', 'node-net'])
})

it('shows a dash for what a program cannot tell', () => {
  const samples = [
    { round: 1, case: '5 idle connections', peer: 'uvloop', values: { residentEach: 1340, residentEmpty: 2 ** 20 } },
  ]
  expect(rowsOf(performancePage(new Map([recorded('idle', { samples })])))).toContain('| uvloop | 1,340 | - | 1.00 |')
})
