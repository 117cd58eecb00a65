/**
 * The command `loop`: `repl`, `ps PID`, `pstree PID`, `doctor`. Each is a module of its own that is loaded when it is asked
 * for, so that `loop ps` does not load a backend.
 */
import { createRequire } from 'node:module'
import { Command, InvalidArgumentError } from 'commander'
import { CommandError } from './command_error.js'

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

const program = new Command('loop')
  .description('Looks into programs of @loop/core, and runs code inside a loop')
  .version(version)

interface Output {
  json?: boolean
}

interface Asking extends Output {
  timeout: number
}

program
  .command('repl')
  .description('a prompt inside a running loop, where await works; Ctrl-C interrupts what is awaited, Ctrl-D leaves')
  .option('--json', 'print a line of JSON for each input: {"ok": true, "text": "2"}')
  .action(async (options: Output) => (await import('./repl/repl.js')).repl(options))

program
  .command('ps')
  .argument('<pid>', 'the process', pid)
  .description('the tasks of a process that was started with LOOP_PS=1 or called serveIntrospection()')
  .option('--json', 'print JSON')
  .option('--timeout <ms>', 'how long the process may take to answer, in milliseconds', milliseconds, 2000)
  .action(async (of: number, options: Asking) => (await import('./ps/ps.js')).ps(of, options))

program
  .command('pstree')
  .argument('<pid>', 'the process', pid)
  .description('the same as a tree: below each task those that it waits for')
  .option('--json', 'print JSON')
  .option('--timeout <ms>', 'how long the process may take to answer, in milliseconds', milliseconds, 2000)
  .action(async (of: number, options: Asking) => (await import('./ps/pstree.js')).pstree(of, options))

program
  .command('doctor')
  .description('which backend and driver load here and why, and what this platform supports')
  .option('--json', 'print JSON')
  .action(async (options: Output) => (await import('./doctor/doctor.js')).doctor(options))

function pid(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A process number is a whole number from 1.')
  return Number(text)
}

function milliseconds(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A time limit is a whole number of milliseconds from 1.')
  return Number(text)
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof CommandError)) throw error
  console.error(`loop: ${error.message}`)
  process.exitCode = 1
}
