import { inspect } from 'node:util'
import type { ProcessOps, SpawnRequest } from '../backend/contract.js'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import { descriptorOf } from '../sockets/descriptor.js'
import {
  checkedArguments,
  checkedBoolean,
  checkedDirectory,
  checkedEnvironment,
  checkedInteger,
  checkedString,
  environmentIsOurs,
} from './checked_options.js'
import type { SubprocessOptions } from './options.js'

/** A request without what has to be opened for it. */
export type ProgramRequest = Omit<SpawnRequest, 'stdio' | 'terminal'>

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
    env:
      env === process.env && environmentIsOurs
        ? null
        : checkedEnvironment(env).map(([name, value]) => `${name}=${value}`),
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

/** The files that a name may mean. A path is taken as it is, relative to the child's working directory. */
function candidates(file: string, path: string): string[] {
  if (file === '' || file.includes('/')) return [file]
  return path.split(':').map((folder) => `${folder === '' ? '.' : folder}/${file}`)
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
