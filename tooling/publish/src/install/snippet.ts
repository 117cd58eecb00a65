import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The README's first program, in both kinds of module, and the lines that it prints, whatever their order. */
export interface Snippet {
  readonly programs: Readonly<Record<'ESM' | 'CommonJS', { readonly file: string; readonly source: string }>>
  readonly lines: readonly string[]
}

export function snippetOf(root: string): Snippet {
  const text = readFileSync(join(root, 'README.md'), 'utf8')
  const [, source] = /```ts\n([\s\S]*?)```/.exec(text) ?? []
  const [, output] = /```text any order\n([\s\S]*?)```/.exec(text) ?? []
  const [, names, body] = /^import (\{.*\}) from '@loop\/core'\n([\s\S]*)$/.exec(source ?? '') ?? []
  if (output === undefined || names === undefined || body === undefined) {
    throw new Error('README.md no longer begins with a program that imports @loop/core, and what it prints')
  }
  const required = `const ${names} = require('@loop/core')\nvoid (async () => {\n${body}\n})()\n`
  return {
    programs: {
      ESM: { file: 'main.mjs', source: source! },
      CommonJS: { file: 'main.cjs', source: required },
    },
    lines: output.trim().split('\n').sort(),
  }
}
