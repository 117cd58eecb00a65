/**
 * Windows hands a program one string, and every program splits it by itself. Nearly all do it by the rules of
 * CommandLineToArgvW and of the C runtime (Microsoft's "Parsing C command-line arguments"), in which both agree as long as
 * a quotation mark inside an argument is always written `\"`.
 */
import { inspect } from 'node:util'

/** The command line of which a program makes `args`, the first being what it is called. */
export function commandLineOf(args: readonly string[]): string {
  return [quotedProgram(args[0]!), ...args.slice(1).map(quoted)].join(' ')
}

/** One argument, which is not the first. */
export function quoted(argument: string): string {
  if (argument !== '' && !/[\s"]/.test(argument)) return argument
  // A backslash means something only in front of a quotation mark, and there two are one: also in front of the last.
  return `"${argument.replace(/(\\*)("|$)/g, (_all, slashes: string, mark: string) => slashes + slashes + (mark && `\\${mark}`))}"`
}

/**
 * The first argument is split by simpler rules: backslashes are nothing special, and it cannot have a quotation mark in it.
 * @throws RangeError
 */
export function quotedProgram(program: string): string {
  if (program.includes('"')) {
    throw new RangeError(`What a program is called cannot have a quotation mark in it on Windows: ${inspect(program)}`)
  }
  return program === '' || /\s/.test(program) ? `"${program}"` : program
}
