import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a program can import, and the source file that it comes from. */
export interface EntryPoint {
  /** `@loop/core`, `@loop/core/testing`. */
  readonly name: string
  readonly package: string
  readonly file: string
}

interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, { readonly types?: string } | string>>
}

/** Every entry point of every package that gets published, core's first. */
export function entryPoints(root: string): EntryPoint[] {
  const found: EntryPoint[] = []
  for (const folder of readdirSync(join(root, 'packages')).sort()) {
    const manifest = join(root, 'packages', folder, 'package.json')
    if (!existsSync(manifest)) continue
    const { name, private: own, exports = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest
    if (own) continue
    for (const [path, target] of Object.entries(exports)) {
      const types = typeof target === 'object' ? target.types : undefined
      if (types === undefined) continue
      const source = types.replace(/^\.\/(?:dist|types)\//, 'src/').replace(/\.d\.(c?)ts$/, '.$1ts')
      found.push({ name: name + path.slice(1), package: name, file: join(root, 'packages', folder, source) })
    }
  }
  return found
}
