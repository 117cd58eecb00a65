import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import type { ProcessOps, SpawnRequest } from '../backend/contract.js'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import { descriptorOf } from '../sockets/descriptor.js'
import type { SubprocessOptions } from './options.js'

/** A request without what has to be opened for it. */
export type ProgramRequest = Omit<SpawnRequest, 'stdio' | 'terminal'>

/**
 * Whether `process.env` is the environment that the C library has: it is a copy in a worker, and in other hosts. To read it
 * by name costs more than all the rest of a start.
 */
const environmentIsOurs = isMainThread && !('bun' in process.versions) && !('deno' in process.versions)

/** Where programs are sought if an environment has no PATH. */
const defaultPath = '/bin:/usr/bin'
const largestId = 0xffff_fffe

/**
 * What `options` ask for, checked.
 * @param args the program and its arguments
 * @throws TypeError, RangeError
 */
export function programRequest(
  processes: ProcessOps,
  args: readonly string[],
  options: SubprocessOptions,
): ProgramRequest {
  const program = checkedArguments(args)
  const env = options.env ?? process.env
  if (typeof env !== 'object') throw new TypeError(`env must be an object of strings, not ${inspect(env)}`)
  const { executable, passFds, closeFds, startNewSession, processGroup, extraGroups, pty } = options
  const file = executable == null ? program : checkedString(executable, 'executable')
  const groups =
    extraGroups == null ? null : Array.from(extraGroups, (group) => groupId(processes, group, 'extraGroups'))
  return {
    files: candidates(file, env['PATH'] ?? defaultPath),
    args,
    env: env === process.env && environmentIsOurs ? null : environmentOf(env),
    cwd: checkedDirectory(options.cwd),
    passFds: Int32Array.from(passFds ?? [], descriptorOf),
    closeFds: checkedBoolean(closeFds ?? true, 'closeFds'),
    newSession: checkedBoolean(startNewSession ?? false, 'startNewSession') || Boolean(pty),
    processGroup: processGroup == null ? -1 : checkedInteger(processGroup, 'processGroup', 0x7fff_ffff),
    uid: options.user == null ? null : userId(processes, options.user),
    gid: options.group == null ? null : groupId(processes, options.group, 'group'),
    groups: groups === null ? null : Int32Array.from(groups),
    umask: options.umask == null ? -1 : checkedInteger(options.umask, 'umask', 0o777),
  }
}

/** asyncio: a `ValueError` for each, because a child's streams are bytes and its shell is not an option. */
export function checkNoTextMode(options: object, shell: boolean): void {
  const given = options as Record<string, unknown>
  for (const name of ['universalNewlines', 'text', 'encoding', 'errors']) {
    if (given[name] != null && given[name] !== false) {
      throw new RangeError(`${name} is not supported: what a child reads and writes are bytes, decode them yourself`)
    }
  }
  if (given['bufsize'] != null && given['bufsize'] !== 0) throw new RangeError('bufsize must be 0')
  if (given['shell'] != null && given['shell'] !== shell) {
    throw new RangeError(`shell must be ${shell}: *Exec starts a program, *Shell a command line`)
  }
}

function checkedArguments(args: unknown): string {
  if (!Array.isArray(args)) throw new TypeError(`The program and its arguments must be an array, not ${inspect(args)}`)
  if (args.length === 0) throw new RangeError('The program is missing: the array of arguments is empty')
  for (const argument of args) checkedString(argument, 'An argument of a program')
  return args[0]
}

/** The files that a name may mean. A path is taken as it is, relative to the child's working directory. */
function candidates(file: string, path: string): string[] {
  if (file === '' || file.includes('/')) return [file]
  return path.split(':').map((folder) => `${folder === '' ? '.' : folder}/${file}`)
}

function environmentOf(env: Readonly<Record<string, unknown>>): string[] {
  const list: string[] = []
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue
    if (name === '' || name.includes('=') || name.includes('\0')) {
      throw new RangeError(`A variable of the environment cannot be named ${inspect(name)}`)
    }
    list.push(`${name}=${checkedString(value, `The variable ${name} of the environment`)}`)
  }
  return list
}

function checkedDirectory(cwd: unknown): string | null {
  if (cwd == null) return null
  return checkedString(cwd instanceof URL ? fileURLToPath(cwd) : cwd, 'cwd')
}

function userId(processes: ProcessOps, user: number | string): number {
  return typeof user === 'string'
    ? known(processes.getpwnam(user), 'user', user)
    : checkedInteger(user, 'user', largestId)
}

function groupId(processes: ProcessOps, group: number | string, what: string): number {
  return typeof group === 'string'
    ? known(processes.getgrnam(group), 'group', group)
    : checkedInteger(group, what, largestId)
}

function known(id: number, kind: 'user' | 'group', name: string): number {
  if (id >= 0) return id
  if (id === -errno.ENOENT) throw new RangeError(`There is no ${kind} ${inspect(name)}`)
  throw systemError(id, kind === 'user' ? 'getpwnam' : 'getgrnam')
}

function checkedString(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new TypeError(`${what} must be a string, not ${inspect(value)}`)
  if (value.includes('\0')) throw new RangeError(`${what} must not contain a NUL: ${inspect(value)}`)
  return value
}

function checkedBoolean(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${what} must be true or false, not ${inspect(value)}`)
  return value
}

function checkedInteger(value: unknown, what: string, largest: number): number {
  if (typeof value !== 'number') throw new TypeError(`${what} must be a number, not ${inspect(value)}`)
  if (Number.isInteger(value) && value >= 0 && value <= largest) return value
  throw new RangeError(`${what} must be an integer from 0 to ${largest}, not ${value}`)
}
