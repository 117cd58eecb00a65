/** How the table writes a name: `run`, `Runner.close`, `Runner[Symbol.asyncDispose]`, `run({ debug })`, `Runner.run({ context })`. */
export interface Reference {
  /** An export of `@loop/core`. */
  readonly name: string
  /** A member of it, if it is a class or an interface: its name, or of a well-known symbol `Symbol.asyncDispose`. */
  readonly member: string | null
  /** Properties of an options object that the function or method takes. */
  readonly options: readonly string[]
}

const form = /^(?<name>\w+)(?:\.(?<method>\w+)|\[(?<symbol>Symbol\.\w+)\])?(?:\(\{ (?<options>\w+(?:, \w+)*) \}\))?$/

/** @throws RangeError for what is not written so */
export function parseReference(text: string): Reference {
  const parts = form.exec(text)?.groups
  if (parts === undefined) throw new RangeError(`${text} is no name as the table of parity writes it`)
  return {
    name: parts['name']!,
    member: parts['method'] ?? parts['symbol'] ?? null,
    options: parts['options']?.split(', ') ?? [],
  }
}
