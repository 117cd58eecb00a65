import { readdirSync, readFileSync } from 'node:fs'
import type { Program } from './ast.js'

const folder = new URL('../programs/', import.meta.url)

/** The programs that were written by hand, by their number. */
export function writtenPrograms(): Program[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return files.sort().map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Program)
}
