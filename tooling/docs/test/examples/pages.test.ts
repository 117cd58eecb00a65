import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { compile } from '../../src/examples/compile.js'
import { type Example, examples } from '../../src/examples/markdown.js'
import { python } from '../../src/examples/python.js'
import { runProgram, withFreePorts } from '../../src/examples/run.js'

const root = fileURLToPath(new URL('../../../..', import.meta.url))
const pages = [
  'README.md',
  'packages/core/README.md',
  'docs/guide-from-asyncio.md',
  'docs/guide-from-node.md',
  'docs/guide-threads.md',
  'docs/guide-node-clients.md',
]

/** Source files whose docstrings show programs; those of other packages may need a server to talk to. */
const documented = sourcesIn(join(root, 'packages/core/src'))
  .filter((path) => readFileSync(path, 'utf8').includes(' * import '))
  .map((path) => relative(root, path))

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))
}

// Inside this package, so that @loop/core and the types of Node are found.
const parent = fileURLToPath(new URL('../../dist', import.meta.url))
mkdirSync(parent, { recursive: true })
const folder = mkdtempSync(join(parent, 'examples-'))
afterAll(() => rmSync(folder, { recursive: true }))

const all = [...pages, ...documented].flatMap((page) => examples(join(root, page), page))
const module = ({ place }: Example) => place.replaceAll(/\W/g, '_')
const programs = all.filter(({ language }) => language === 'ts')
const sources = new Map<string, string>()
for (const example of programs) sources.set(module(example), await withFreePorts(example.source))
const errors = compile(sources, folder)

function lines({ anyOrder }: Example, text: string): string[] {
  const found = text.split('\n')
  return anyOrder ? found.sort() : found
}

describe('examples of the pages', () => {
  it.each([...pages, ...documented])('%s has some', (page) => {
    expect(programs.filter(({ place }) => place.startsWith(`${page}:`))).not.toEqual([])
  })

  it.each(programs)('$place compiles', (example) => {
    expect(errors.get(module(example))).toEqual([])
  })

  it.concurrent.each(programs)('$place prints what stands beside it', { timeout: 60_000 }, async (example) => {
    const { code, stdout, stderr } = await runProgram(process.execPath, [join(folder, `${module(example)}.mjs`)])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(lines(example, stdout)).toEqual(lines(example, example.output))
  })
})

describe.skipIf(python === null)('their twins in Python (where there is a Python 3.11 or later)', () => {
  it.each(all.filter(({ language }) => language === 'python'))(
    '$place prints the same',
    { timeout: 60_000 },
    async (example) => {
      const { code, stdout, stderr } = await runProgram(python!, ['-c', await withFreePorts(example.source)])
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(lines(example, stdout)).toEqual(lines(example, example.output))
    },
  )
})
