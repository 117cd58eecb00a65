/**
 * cmd.exe, which reads what it is given as a line of its own language: what is in it are commands, not arguments. A shell's
 * command line is handed over as it is. Arguments of a batch file are not meant to be commands, and cmd.exe has no way
 * to write some of them so that they are none ("BatBadBut", CVE-2024-24576): those are refused.
 */
import { win32 } from 'node:path'
import { inspect } from 'node:util'
import { commandLineOf, quotedProgram } from './command_line.js'

/**
 * No AutoRun command of the registry, no `!NAME!`, and the outermost quotation marks, which are always there, are the only ones that
 * are taken away.
 */
const options = '/d /v:off /s /c'

/** The shell: what `COMSPEC` names, or cmd.exe of the system. */
export function shellOf(env: NodeJS.ProcessEnv): string {
  return env['COMSPEC'] ?? win32.join(env['SystemRoot'] ?? 'C:\\Windows', 'System32\\cmd.exe')
}

/** How a shell is told to run a command line; one that is not cmd.exe takes it as the argument behind `-c`. */
export function shellCommandLine(shell: string, command: string): string {
  return /^cmd(\.exe)?$/i.test(win32.basename(shell))
    ? `${quotedProgram(shell)} /d /s /c "${command}"`
    : commandLineOf([shell, '-c', command])
}

/** Whether cmd.exe would run it. Windows takes no notice of dots and blanks at the end of a name. */
export function isBatchFile(file: string): boolean {
  return /\.(bat|cmd)[. ]*$/i.test(file)
}

/**
 * How cmd.exe is told to run a batch file, which a NUL stands for.
 * @throws RangeError for an argument that cannot be written so that it is only an argument
 */
export function batchCommandLine(interpreter: string, args: readonly string[]): string {
  const parts = ['"\0"', ...args.map(batchArgument)]
  return `${quotedProgram(interpreter)} ${options} "${parts.join(' ')}"`
}

/**
 * Within quotation marks cmd.exe takes everything for text but another quotation mark, the `%` of a variable, the `!` of one
 * where the batch file turns those on, and the end of the line.
 */
function batchArgument(argument: string): string {
  const unsafe = /["%!\p{Cc}]/u.exec(argument)
  if (unsafe !== null) {
    throw new RangeError(
      `An argument of a batch file cannot have ${inspect(unsafe[0])} in it, which cmd.exe would not take for text: ${inspect(argument)}. ` +
        'Hand it over in the environment or on standard input, or start the program that the batch file starts',
    )
  }
  // For the program that the batch file hands it to.
  return `"${argument.replace(/\\+$/, '$&$&')}"`
}
