import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What runs a program. */
export interface Host {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
}

/** This Node, and what .ci/run has fetched into .cache: other Nodes, Bun and Deno. */
export function hosts(root: string): Host[] {
  const cache = join(root, '.cache')
  const found: Host[] = [{ name: `Node ${process.versions.node.split('.')[0]}`, command: process.execPath, args: [] }]
  const add = (name: string, args: readonly string[], ...path: readonly string[]) => {
    const command = join(cache, ...path)
    if (existsSync(command)) found.push({ name, command, args })
  }
  const arch = process.arch
  for (const major of [22, 24, 26])
    add(`Node ${major}`, [], `node-${major}`, 'node_modules', `node-linux-${arch}`, 'bin/node')
  add('Bun', [], '@oven/bun-linux-x64/node_modules/@oven/bun-linux-x64/bin/bun')
  const deno = join(cache, 'deno/node_modules/@deno')
  for (const name of existsSync(deno) ? readdirSync(deno) : [])
    add('Deno', ['run', '--allow-all', '--quiet'], 'deno/node_modules/@deno', name, 'deno')
  return found
}
