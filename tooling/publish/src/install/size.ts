import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Folder } from './folder.js'

/** What `npm install @loop/core` may unpack in all on Linux, in bytes: docs/decisions/0028-size.md. */
const LIMIT = 1_500_000

interface Prebuilds {
  readonly targets: Readonly<Record<string, unknown>>
  addonsOf(target: string): string[]
}

/**
 * What an installation brought, to the byte.
 *
 * Not every machine builds the binaries of all siblings, which all of a system's users download: one that is missing counts
 * as much as the largest that is there.
 */
export class Size {
  readonly bytes: number
  readonly problem: string | undefined
  readonly detail: string

  private constructor(folder: Folder, targets: readonly string[]) {
    const prebuilds = join(folder.packages().get('epoll-linux')!, 'prebuilds')
    const files = new Map(targets.map((target) => [target, join(prebuilds, target, 'loop.node')]))
    const present = [...files.values()].filter((file) => existsSync(file))
    const missing = [...files.keys()].filter((target) => !present.includes(files.get(target)!))
    const largest = Math.max(...present.map((file) => statSync(file).size))
    this.bytes = sizeOf(folder.modules) + missing.length * largest
    this.detail = `${this.bytes} bytes unpacked${missing.length > 0 ? `, with a guess at ${missing.join(' and ')}` : ''}`
    const own = present.find((file) => readFileSync(file).includes('libstdc++'))
    if (own !== undefined) this.problem = 'a binary is of this machine: npm run prebuild -- linux-x64 first'
    else if (this.bytes > LIMIT) this.problem = `more than ${LIMIT} bytes`
  }

  static async of(folder: Folder, root: string): Promise<Size> {
    const url = pathToFileURL(join(root, 'tooling/native-build/targets.mjs')).href
    const { targets, addonsOf } = (await import(url)) as Prebuilds
    return new Size(
      folder,
      Object.keys(targets).filter((target) => addonsOf(target).includes('epoll-linux')),
    )
  }
}

/** Bytes of all files below, without the notes that a package manager takes for itself. */
function sizeOf(folder: string): number {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !name.startsWith('.'))
    .reduce((sum, entry) => {
      const path = join(folder, entry.name)
      return sum + (entry.isDirectory() ? sizeOf(path) : statSync(path).size)
    }, 0)
}
