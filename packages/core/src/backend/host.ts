import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packagesOf } from './catalogue.js'

/** The module of a backend package, or why it could not be imported. */
export type ImportedPackage = { readonly module: BackendModule } | { readonly error: Error }

/** What every backend package exports. */
export interface BackendModule {
  /** Loads the binary: `path`, or the package's own for this platform and processor. */
  load(path?: string): unknown
}

/** Everything that the choice of a backend depends on, in one object so that tests can stand in for a platform. */
export interface Host {
  readonly platform: string
  readonly arch: string
  readonly version: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly packages: ReadonlyMap<string, ImportedPackage>
  isInstalled(name: string): boolean
  isFile(path: string): boolean
}

/**
 * Imports the packages of `platform`. Only their loaders: a binary is loaded when a loop first needs it. It happens
 * while core itself is imported because a loop is made synchronously and an ES module cannot be imported so on Node 20.
 */
export async function importPackages(platform: string): Promise<Map<string, ImportedPackage>> {
  const packages = new Map<string, ImportedPackage>()
  for (const name of packagesOf(platform)) {
    try {
      packages.set(name, { module: (await import(name)) as BackendModule })
    } catch (error) {
      packages.set(name, { error: error as Error })
    }
  }
  return packages
}

const require = createRequire(import.meta.url)

/**
 * Whether `name` stands in a node_modules folder from which an import here would take it; it may still be of another
 * platform. Looked up by hand, because `require.resolve` also finds what NODE_PATH names, which an import does not.
 */
export function isInstalled(name: string): boolean {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'node_modules', name, 'package.json'))) return true
    if (folder === dirname(folder)) return false
  }
}

/** The version of core itself, which its backends share. */
export const coreVersion = (require('../../package.json') as { version: string }).version
