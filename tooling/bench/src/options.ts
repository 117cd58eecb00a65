import { isAbsolute, join } from 'node:path'
import { parseArgs } from 'node:util'
import { ALL_CELLS, type Cell, parseCells, QUICK_CELLS } from './cells.js'
import { STYLES, type Style } from './peers.js'
import { places } from './places.js'

export const SUITES = ['echo', 'udp', 'idle', 'fairness', 'micro', 'tls', 'spawn'] as const
export type SuiteName = (typeof SUITES)[number]

export interface Options {
  suites: readonly SuiteName[]
  quick: boolean
  cells: readonly Cell[]
  styles: readonly Style[]
  /** Null: all. */
  peers: readonly string[] | null
  rounds: number
  /** Seconds measured, and seconds before them, for each cell and peer. */
  seconds: number
  warmup: number
  /** How many connections the idle suite holds. */
  connections: number
  /** Where the echo suite's report goes; the others' go beside it. */
  json: string
  /** End with an error when a goal was missed. */
  check: boolean
  list: boolean
}

export const USAGE = `npm run bench -- [SUITE...] [OPTION...]

Suites: ${SUITES.join(', ')}; all when none is named

  --quick            few cells, one short round: shows that all works; the figures mean little
  --cells LIST       echo: CONNECTIONSxBYTES, such as 100x64,10x16k (default: 1,10,100,1000 x 64,1k,16k)
  --styles LIST      echo: protocol, buffered, streams (default: all)
  --peers LIST       only these (--list names them)
  --rounds N         rounds, of which the median counts (default 3)
  --seconds S        measured for each cell and peer (default 2)
  --warmup S         before them (default 0.5)
  --connections N    idle: how many are held (default 10000)
  --json FILE        the echo report, from the repository's root (default reports/bench-echo.json);
                     the other suites' reports go to the same folder
  --check            end with 1 when a goal was missed
  --list             name the peers and what of them is here
  --help             this text`

function positive(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(`--${name} ${text}: a number above 0, please`)
  return value
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`--${name} ${text}: a whole number from 1 on, please`)
  return value
}

function oneOf<T extends string>(what: string, known: readonly T[], text: string): T {
  const found = known.find((name) => name === text)
  if (found === undefined) throw new RangeError(`There is no ${what} '${text}'; there are ${known.join(', ')}`)
  return found
}

const words = (list: string) => list.split(',').map((word) => word.trim())

/** Null when help was asked for. Throws a TypeError or RangeError that a user can act on. */
export function parseOptions(argv: readonly string[]): Options | null {
  const { values, positionals } = parseArgs({
    args: argv.filter((argument) => argument !== '--'),
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      cells: { type: 'string' },
      styles: { type: 'string', default: STYLES.join() },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      warmup: { type: 'string' },
      connections: { type: 'string' },
      json: { type: 'string', default: 'reports/bench-echo.json' },
      check: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return null
  const quick = values.quick
  return {
    suites: positionals.length > 0 ? positionals.map((name) => oneOf('suite', SUITES, name)) : SUITES,
    quick,
    cells: values.cells ? parseCells(values.cells) : quick ? QUICK_CELLS : ALL_CELLS,
    styles: words(values.styles).map((name) => oneOf('style', STYLES, name)),
    peers: values.peers ? words(values.peers) : null,
    rounds: whole('rounds', values.rounds ?? (quick ? '1' : '3')),
    seconds: positive('seconds', values.seconds ?? (quick ? '0.4' : '2')),
    warmup: positive('warmup', values.warmup ?? (quick ? '0.2' : '0.5')),
    connections: whole('connections', values.connections ?? (quick ? '1000' : '10000')),
    json: isAbsolute(values.json) ? values.json : join(places.root, values.json),
    check: values.check,
    list: values.list,
  }
}
