import { statSync } from 'node:fs'
import type { Backend } from './contract.js'
import { coreVersion, type Host, isInstalled, requirePackages } from './host.js'
import { type ResolvedBackend, resolveBackend, resolveBeside } from './resolve.js'

let resolved: ResolvedBackend | null = null
/** On Windows a program may have loops of both kinds. */
let beside: ResolvedBackend | null = null

function thisHost(): Host {
  return {
    platform: process.platform,
    arch: process.arch,
    version: coreVersion,
    env: process.env,
    packages: requirePackages(process.platform),
    isInstalled,
    isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false,
  }
}

/**
 * The backend of this thread and the mechanism that was chosen; loaded at the first call and kept.
 * @throws LoopError `ERR_LOOP_NO_BACKEND`
 */
export function resolvedBackend(): ResolvedBackend {
  resolved ??= resolveBackend(thisHost())
  return resolved
}

/** The backend of this thread. */
export function currentBackend(): Backend {
  return resolvedBackend().backend
}

/** The one that tells readiness, or completions: this thread's, or another of the platform beside it; null where it has none. */
export function backendOf(kind: Backend['kind']): ResolvedBackend | null {
  const current = resolvedBackend()
  if (current.backend.kind === kind) return current
  beside ??= resolveBeside(thisHost(), kind)
  return beside
}
