import { win32 } from 'node:path'
import type { WindowsSpawnRequest } from '../../backend/contract.js'
import { NotImplementedError } from '../../errors/index.js'
import {
  checkedArguments,
  checkedBoolean,
  checkedDirectory,
  checkedInteger,
  checkedString,
} from '../checked_options.js'
import type { SubprocessOptions } from '../options.js'
import { batchCommandLine, isBatchFile, shellCommandLine, shellOf } from './command_interpreter.js'
import { commandLineOf } from './command_line.js'
import { environmentOf, variableOf } from './environment_block.js'
import { programFiles } from './program_files.js'

/** A request without what has to be opened for it. */
export type WindowsProgramRequest = Omit<WindowsSpawnRequest, 'stdio'>

/** Numbers of the system's, by their C names. */
type Numbers = Readonly<Record<string, number>>

/** What Unix has and Windows has not, and what to do there. */
const unixOnly: Readonly<Partial<Record<keyof SubprocessOptions, string>>> = {
  passFds: 'a child inherits its standard streams alone: connect to it by a named pipe or a socket',
  user: 'start a service, or runas.exe',
  group: 'Windows has no group of a process',
  extraGroups: 'Windows has no groups of a process',
  umask: 'Windows has access control lists instead',
  pty: 'the child gets pipes',
}

/**
 * A program and its arguments.
 * @throws TypeError, RangeError; NotImplementedError for options that are only Unix's
 */
export function windowsProgram(
  numbers: Numbers,
  args: readonly string[],
  options: SubprocessOptions,
): WindowsProgramRequest {
  const program = checkedArguments(args)
  const file = options.executable == null ? program : checkedString(options.executable, 'executable')
  if (!isBatchFile(file)) return request(numbers, file, null, commandLineOf(args), options)
  const interpreter = shellOf(process.env)
  return request(numbers, file, interpreter, batchCommandLine(interpreter, args.slice(1)), options)
}

/** A command line of the shell. As `windowsProgram`. */
export function windowsShell(numbers: Numbers, command: string, options: SubprocessOptions): WindowsProgramRequest {
  const shell = options.executable == null ? shellOf(process.env) : checkedString(options.executable, 'executable')
  checkedString(command, 'cmd')
  return request(numbers, shell, null, shellCommandLine(shell, command), options)
}

function request(
  numbers: Numbers,
  file: string,
  interpreter: string | null,
  commandLine: string,
  options: SubprocessOptions,
): WindowsProgramRequest {
  for (const [name, hint] of Object.entries(unixOnly)) {
    const given = options[name as keyof SubprocessOptions]
    if (given != null && given !== false) throw new NotImplementedError(name, 'Windows', hint)
  }
  const env = options.env ?? process.env
  const cwd = checkedDirectory(options.cwd)
  const environment = environmentOf(env)
  const systemRoot = process.env['SystemRoot'] ?? 'C:\\Windows'
  checkedBoolean(options.closeFds ?? true, 'closeFds')
  return {
    files: programFiles(file, win32.resolve(cwd ?? '.'), variableOf(env, 'PATH') ?? '', systemRoot),
    interpreter,
    commandLine,
    env: environment,
    cwd,
    flags: creationFlags(numbers, options),
    hidden: checkedBoolean(options.windowsHide ?? false, 'windowsHide'),
    job: checkedBoolean(options.job ?? false, 'job'),
  }
}

function creationFlags(numbers: Numbers, options: SubprocessOptions): number {
  let flags = options.creationFlags == null ? 0 : checkedInteger(options.creationFlags, 'creationFlags', 0xffff_ffff)
  const own = numbers['CREATE_NEW_PROCESS_GROUP']!
  if (options.processGroup != null) {
    if (checkedInteger(options.processGroup, 'processGroup', 0x7fff_ffff) !== 0) {
      throw new NotImplementedError(
        'processGroup',
        'Windows',
        '0 makes a group of its own; there is no joining of another',
      )
    }
    flags |= own
  }
  if (checkedBoolean(options.startNewSession ?? false, 'startNewSession')) flags |= own | numbers['DETACHED_PROCESS']!
  if (options.windowsHide) flags |= numbers['CREATE_NO_WINDOW']!
  return flags >>> 0
}
