import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { examples } from '../../src/examples/markdown.js'

function found(markdown: string, name = 'page.md') {
  const folder = mkdtempSync(join(tmpdir(), 'markdown-'))
  const page = join(folder, name)
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

it('finds those of docstrings that are whole programs', () => {
  const source = `/**
 * Says.
 *
 * \`\`\`ts
 * fragment()
 * \`\`\`
 * \`\`\`ts
 * import { say } from 'x'
 *
 * say()
 * \`\`\`
 * \`\`\`text
 * said
 * \`\`\`
 */
export function say() {}
/** \`\`\` is no fence here */
`
  expect(found(source, 'source.ts')).toEqual([
    {
      place: 'page.md:7',
      language: 'ts',
      source: "import { say } from 'x'\n\nsay()\n",
      output: 'said\n',
      anyOrder: false,
    },
  ])
})

it('refuses a fence that is not closed', () => {
  expect(() => found('# A\n```ts\nt\n')).toThrow('line 2')
})
