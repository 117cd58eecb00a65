import { createRequire } from 'node:module'
import { packagesOf } from './catalogue.js'

/** The module of a backend package, or why it could not be loaded. */
export type RequiredPackage = { readonly module: BackendModule } | { readonly error: Error }

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
  readonly packages: ReadonlyMap<string, RequiredPackage>
  isInstalled(name: string): boolean
  isFile(path: string): boolean
}

const require = createRequire(import.meta.url)

/**
 * Loads the loaders of `platform`'s packages. They are CommonJS because a loop is made synchronously: an ES module could
 * only be imported so by a top-level await of core's own, and then nobody could `require` core.
 */
export function requirePackages(platform: string): Map<string, RequiredPackage> {
  const packages = new Map<string, RequiredPackage>()
  for (const name of packagesOf(platform)) {
    try {
      packages.set(name, { module: require(name) as BackendModule })
    } catch (error) {
      packages.set(name, { error: error as Error })
    }
  }
  return packages
}

/** Whether `name` can be found from here; it may still be of another platform. */
export function isInstalled(name: string): boolean {
  try {
    require.resolve(`${name}/package.json`)
    return true
  } catch {
    return false
  }
}

/** The version of core itself, which its backends share. */
export const coreVersion = (require('@loop/core/package.json') as { version: string }).version
