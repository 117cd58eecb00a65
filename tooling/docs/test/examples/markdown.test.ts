import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { examples } from '../../src/examples/markdown.js'

function found(markdown: string) {
  const folder = mkdtempSync(join(tmpdir(), 'markdown-'))
  const page = join(folder, 'page.md')
  writeFileSync(page, markdown)
  try {
    return examples(page, 'page.md')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

it('finds programs and the output that follows them', () => {
  const markdown =
    '# A\n```ts\nfirst\n```\n```python\np\n```\n```ts\nt\n```\nprints\n```text\nout\n```\n## B\n```ts\nsilent\n```\n## C\n```text\nx\n```\n'
  expect(found(markdown)).toEqual([
    { place: 'page.md:2', language: 'ts', source: 'first\n', output: '', anyOrder: false },
    { place: 'page.md:5', language: 'python', source: 'p\n', output: 'out\n', anyOrder: false },
    { place: 'page.md:8', language: 'ts', source: 't\n', output: 'out\n', anyOrder: false },
    { place: 'page.md:16', language: 'ts', source: 'silent\n', output: '', anyOrder: false },
  ])
})

it('knows output whose order is chance, and leaves other blocks alone', () => {
  expect(found('```sh\nnpm i\n```\n```ts\nt\n```\n```text any order\nb\na\n```\n')).toMatchObject([
    { language: 'ts', output: 'b\na\n', anyOrder: true },
  ])
})

it('refuses a fence that is not closed', () => {
  expect(() => found('# A\n```ts\nt\n')).toThrow('line 2')
})
