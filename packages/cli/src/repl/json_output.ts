import { Transform } from 'node:stream'
import { inspect } from 'node:util'

/** What became of one input, a line of JSON each. */
export interface Outcome {
  /** Whether it ended without an exception. */
  readonly ok: boolean
  /** The result as the prompt shows it, or the exception with its stack. */
  readonly text: string
}

/** Node's prompt writes this before what was thrown and not caught. */
const uncaught = 'Uncaught '

/** For the `writer` of a prompt, so that what it shows is one line which `outcomes` understands. */
export function line(value: unknown): string {
  return JSON.stringify(inspect(value))
}

/** For the `output` of a prompt: makes an {@link Outcome} of each line, and leaves the prompt's own words out. */
export function outcomes(): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, callback) {
      const found = chunk.toString().split('\n').map(outcome)
      const lines = found.filter((one) => one !== null).map((one) => `${JSON.stringify(one)}\n`)
      callback(null, lines.join(''))
    },
  })
}

function outcome(text: string): Outcome | null {
  const ok = !text.startsWith(uncaught)
  const shown = ok ? text : text.slice(uncaught.length)
  // What asks for the rest of a statement, and what `.help` says, is not ours.
  if (!shown.startsWith('"')) return null
  return { ok, text: JSON.parse(shown) as string }
}
