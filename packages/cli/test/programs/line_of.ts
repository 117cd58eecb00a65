import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** `FILE:LINE` of what is marked `// [MARK]` in a program beside this file. */
export function lineOf(name: string, mark: string): string {
  const file = fileURLToPath(new URL(`${name}.mjs`, import.meta.url))
  const line = readFileSync(file, 'utf8')
    .split('\n')
    .findIndex((text) => text.endsWith(`// [${mark}]`))
  if (line < 0) throw new Error(`${name} has no line marked [${mark}]`)
  return `${file}:${line + 1}`
}
