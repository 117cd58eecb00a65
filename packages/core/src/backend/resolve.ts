import { inspect } from 'node:util'
import { LoopError } from '../errors/index.js'
import {
  type CatalogueEntry,
  entriesOf,
  everyName,
  packagesOfOthers,
  plannedNames,
  platformsWith,
} from './catalogue.js'
import { type Backend, CONTRACT_ABI } from './contract.js'
import type { Host } from './host.js'

/** A backend, and which of its mechanisms was asked for. */
export interface ResolvedBackend {
  readonly backend: Backend
  /** `'epoll'`, `'poll'`, `'select'`, ...: the poller of `DefaultSelector` and of a new loop. */
  readonly mechanism: string
}

/**
 * Chooses and loads the backend: `LOOP_BACKEND_PATH` (a file), `LOOP_BACKEND` (a mechanism), or the platform's default.
 * @throws LoopError `ERR_LOOP_NO_BACKEND`, which says what was tried, what was found instead and how to repair it
 */
export function resolveBackend(host: Host): ResolvedBackend {
  const entry = chooseEntry(host)
  const path = chooseFile(host)
  const backend = loadEntry(host, entry, path)
  verify(host, entry, backend, path)
  if (backend.kind === 'selector' && !(entry.name in backend.pollers)) {
    throw noBackend(
      `${entry.package} ${backend.version} has no ${entry.name}; it has ${Object.keys(backend.pollers).join(', ')}`,
    )
  }
  return { backend, mechanism: entry.name }
}

/**
 * The platform's best mechanism of `kind`, beside a backend of the other kind; null where the platform has none.
 * @throws LoopError `ERR_LOOP_NO_BACKEND` where it cannot be loaded
 */
export function resolveBeside(host: Host, kind: Backend['kind']): ResolvedBackend | null {
  const entry = entriesOf(host.platform).find((each) => each.kind === kind)
  if (entry === undefined) return null
  const backend = loadEntry(host, entry, undefined)
  verify(host, entry, backend, undefined)
  return { backend, mechanism: entry.name }
}

function chooseEntry(host: Host): CatalogueEntry {
  const here = entriesOf(host.platform)
  const wanted = host.env['LOOP_BACKEND']
  if (wanted === undefined || wanted === '') {
    const first = here[0]
    if (first !== undefined) return first
    throw noBackend(
      `There is no backend for ${host.platform}-${host.arch}: there are backends for linux, darwin and win32`,
    )
  }
  const entry = here.find(({ name }) => name === wanted)
  if (entry !== undefined) return entry
  throw noBackend(`LOOP_BACKEND=${wanted} ${whyNot(wanted)}; on ${host.platform} it can be ${namesOf(here)}`)
}

function whyNot(wanted: string): string {
  if (plannedNames.includes(wanted)) return 'is not part of this version'
  const elsewhere = platformsWith(wanted)
  if (elsewhere.length > 0) return `is a mechanism of ${elsewhere.join(' and ')}`
  return `names no mechanism (the names are ${everyName().join(', ')})`
}

function namesOf(entries: readonly CatalogueEntry[]): string {
  return entries.map(({ name }) => name).join(', ') || 'nothing, there is no backend for it'
}

function chooseFile(host: Host): string | undefined {
  const path = host.env['LOOP_BACKEND_PATH']
  if (path === undefined || path === '') return undefined
  if (!host.isFile(path)) {
    throw noBackend(
      `LOOP_BACKEND_PATH=${path} is not a file: it must be the path of a backend's binary (loop.node). Unset it to use the installed one`,
    )
  }
  return path
}

function loadEntry(host: Host, entry: CatalogueEntry, path: string | undefined): Backend {
  const imported = host.packages.get(entry.package)
  if (imported === undefined || 'error' in imported) {
    throw missing(host, entry, imported === undefined ? undefined : imported.error)
  }
  try {
    return imported.module.load(path) as Backend
  } catch (error) {
    throw missing(host, entry, error as Error, path)
  }
}

/** A binary of another version may have functions of the same name that mean something else, so it is never tried. */
function verify(host: Host, entry: CatalogueEntry, backend: Backend, path: string | undefined): void {
  const file = path === undefined ? '' : ` (LOOP_BACKEND_PATH=${path})`
  if (backend?.abi !== CONTRACT_ABI) {
    throw noBackend(
      `${entry.package}${file} speaks version ${inspect(backend?.abi)} of the backend contract, @loop/core ${host.version} needs ${CONTRACT_ABI}.\n` +
        `  repair:        npm install @loop/core@${host.version} ${entry.package}@${host.version}`,
    )
  }
  if (backend.version !== host.version) {
    throw noBackend(
      `${entry.package} is version ${backend.version}, @loop/core is ${host.version}: they are released together and must match.\n` +
        `  repair:        npm install @loop/core@${host.version} ${entry.package}@${host.version}`,
    )
  }
}

function missing(host: Host, entry: CatalogueEntry, cause: Error | undefined, path?: string): LoopError {
  const why = host.env['LOOP_BACKEND'] ? `LOOP_BACKEND=${entry.name}` : `the default of ${host.platform}`
  // A loader that fails for another reason has found the package, wherever that is.
  const found = cause !== undefined && (cause as { code?: string }).code !== 'MODULE_NOT_FOUND'
  const installed = found || host.isInstalled(entry.package)
  const others = installed ? [] : packagesOfOthers(host.platform).filter((name) => host.isInstalled(name))
  const outcome = !installed ? 'not installed' : (cause?.message ?? 'cannot be loaded')
  const lines = [
    `No event loop backend could be loaded on ${host.platform}-${host.arch}.`,
    `  tried:         ${entry.package} (${why})${path === undefined ? '' : `, with LOOP_BACKEND_PATH=${path}`}: ${outcome}`,
  ]
  if (others.length > 0) {
    lines.push(
      `  found instead: ${others.join(', ')}, which ${others.length === 1 ? 'is' : 'are'} for other platforms: was node_modules copied from another machine?`,
    )
  }
  lines.push(
    ...(path === undefined
      ? repair(host, entry, installed, others)
      : ['  repair:        unset LOOP_BACKEND_PATH to use the installed binary, or build that file anew']),
  )
  return noBackend(lines.join('\n'), cause)
}

function repair(host: Host, entry: CatalogueEntry, installed: boolean, others: readonly string[]): string[] {
  if (installed) return [`  repair:        npm install --force ${entry.package}@${host.version}`]
  const lines = [`  repair:        npm install ${entry.package}@${host.version}`]
  if (others.length > 0) lines.push('                 or install everything anew: rm -rf node_modules && npm install')
  lines.push(
    '                 optional dependencies must not be left out (--omit=optional, or omit=optional in .npmrc)',
  )
  return lines
}

function noBackend(message: string, cause?: Error): LoopError {
  return new LoopError(message, 'ERR_LOOP_NO_BACKEND', cause === undefined ? undefined : { cause })
}
