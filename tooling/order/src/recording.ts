import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Program } from './ast.js'

interface Recorded {
  /** What the program was. */
  readonly digest: string
  readonly trace: readonly string[]
}

type Traces = readonly (readonly [Program, readonly string[]])[]

const folder = new URL('../recorded/', import.meta.url)
const written = new URL('programs.txt', folder)
const generated = new URL('generated.txt.gz', folder)

/**
 * Traces of CPython, kept for where none is at hand: text, a paragraph for each program, of which the first line is
 * its digest and title.
 */
export class Recording {
  readonly version: readonly number[]
  /** How many generated programs it has, from seed 1 on. */
  readonly seeds: number
  readonly #traces: ReadonlyMap<string, Recorded>

  private constructor(
    version: readonly number[],
    ofWritten: Map<string, Recorded>,
    ofGenerated: Map<string, Recorded>,
  ) {
    this.version = version
    this.seeds = ofGenerated.size
    this.#traces = new Map([...ofWritten, ...ofGenerated])
  }

  static read(): Recording {
    const first = parse(readFileSync(written, 'utf8'))
    const second = parse(gunzipSync(readFileSync(generated)).toString())
    return new Recording(first.version, first.traces, second.traces)
  }

  static write(version: readonly number[], ofWritten: Traces, ofGenerated: Traces): void {
    writeFileSync(written, print(version, ofWritten))
    writeFileSync(generated, gzipSync(print(version, ofGenerated), { level: 9 }))
  }

  /** Throws if there is none of this very program. */
  trace(program: Program): readonly string[] {
    const found = this.#traces.get(program.title)
    if (found?.digest === digest(program)) return found.trace
    const what = found === undefined ? 'holds no trace of' : 'is of another form of'
    throw new Error(`The recording ${what} "${program.title}". Record anew: node dist/record.js --python PATH`)
  }
}

function print(version: readonly number[], traces: Traces): string {
  const paragraphs = traces.map(([program, trace]) => [`${digest(program)} ${program.title}`, ...trace].join('\n'))
  return `${[`CPython ${version.join('.')}`, ...paragraphs].join('\n\n')}\n`
}

function parse(text: string): { version: readonly number[]; traces: Map<string, Recorded> } {
  const [head = '', ...paragraphs] = text.trimEnd().split('\n\n')
  const traces = paragraphs.map((paragraph): [string, Recorded] => {
    const [first = '', ...trace] = paragraph.split('\n')
    const space = first.indexOf(' ')
    return [first.slice(space + 1), { digest: first.slice(0, space), trace }]
  })
  return { version: head.replace('CPython ', '').split('.').map(Number), traces: new Map(traces) }
}

function digest(program: Program): string {
  return createHash('sha256').update(JSON.stringify(program.main)).digest('hex').slice(0, 16)
}
