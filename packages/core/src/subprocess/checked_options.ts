import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { isMainThread } from 'node:worker_threads'

/**
 * Whether `process.env` is the environment that the system has for this process: it is a copy in a worker, and in other hosts.
 * To read it by name costs more than all the rest of a start.
 */
export const environmentIsOurs = isMainThread && !('bun' in process.versions) && !('deno' in process.versions)

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

/** The program. */
export function checkedArguments(args: unknown): string {
  if (!Array.isArray(args)) throw new TypeError(`The program and its arguments must be an array, not ${inspect(args)}`)
  if (args.length === 0) throw new RangeError('The program is missing: the array of arguments is empty')
  for (const argument of args) checkedString(argument, 'An argument of a program')
  return args[0]
}

/** What there is of `env`, by name. */
export function checkedEnvironment(env: unknown): [name: string, value: string][] {
  if (typeof env !== 'object' || env === null)
    throw new TypeError(`env must be an object of strings, not ${inspect(env)}`)
  const list: [string, string][] = []
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue
    if (name === '' || name.includes('=') || name.includes('\0')) {
      throw new RangeError(`A variable of the environment cannot be named ${inspect(name)}`)
    }
    list.push([name, checkedString(value, `The variable ${name} of the environment`)])
  }
  return list
}

/** null: the parent's. */
export function checkedDirectory(cwd: unknown): string | null {
  if (cwd == null) return null
  return checkedString(cwd instanceof URL ? fileURLToPath(cwd) : cwd, 'cwd')
}

export function checkedString(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new TypeError(`${what} must be a string, not ${inspect(value)}`)
  if (value.includes('\0')) throw new RangeError(`${what} must not contain a NUL: ${inspect(value)}`)
  return value
}

export function checkedBoolean(value: unknown, what: string): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${what} must be true or false, not ${inspect(value)}`)
  return value
}

export function checkedInteger(value: unknown, what: string, largest: number): number {
  if (typeof value !== 'number') throw new TypeError(`${what} must be a number, not ${inspect(value)}`)
  if (Number.isInteger(value) && value >= 0 && value <= largest) return value
  throw new RangeError(`${what} must be an integer from 0 to ${largest}, not ${value}`)
}
