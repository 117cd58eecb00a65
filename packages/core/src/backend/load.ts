import { statSync } from 'node:fs'
import type { Backend } from './contract.js'
import { coreVersion, isInstalled, requirePackages } from './host.js'
import { type ResolvedBackend, resolveBackend } from './resolve.js'

let resolved: ResolvedBackend | null = null

/**
 * The backend of this thread and the mechanism that was chosen; loaded at the first call and kept.
 * @throws LoopError `ERR_LOOP_NO_BACKEND`
 */
export function resolvedBackend(): ResolvedBackend {
  resolved ??= resolveBackend({
    platform: process.platform,
    arch: process.arch,
    version: coreVersion,
    env: process.env,
    packages: requirePackages(process.platform),
    isInstalled,
    isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
  })
  return resolved
}

/** The backend of this thread. */
export function currentBackend(): Backend {
  return resolvedBackend().backend
}
