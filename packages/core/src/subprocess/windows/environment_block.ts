import { isMainThread } from 'node:worker_threads'
import { checkedEnvironment, environmentIsOurs } from '../checked_options.js'

/** Without it Winsock and the cryptography of the system do not load, so that hardly a program runs. */
const required = 'SystemRoot'

/**
 * The environment of a child as the system takes it: sorted without regard to case, as it looks names up, each ended by a NUL.
 * Of names that differ only in case the last counts.
 * @throws TypeError, RangeError
 */
export function environmentBlock(env: object): string {
  const variables = new Map<string, string>()
  for (const [name, value] of checkedEnvironment(env)) {
    variables.delete(upper(name))
    variables.set(upper(name), `${name}=${value}\0`)
  }
  const own = process.env[required]
  if (own !== undefined && !variables.has(upper(required))) variables.set(upper(required), `${required}=${own}\0`)
  // By the numbers of their characters, not by a language's alphabet.
  const sorted = [...variables].sort(([a], [b]) => (a < b ? -1 : 1))
  return `${sorted.map(([, text]) => text).join('')}\0`
}

/** null: what the system has for this process. */
export function environmentOf(env: object): string | null {
  return env === process.env && environmentIsOurs ? null : environmentBlock(env)
}

/** A variable by its name in any case, the last of those that differ only in it. */
export function variableOf(env: Readonly<Record<string, unknown>>, name: string): string | undefined {
  // That of this process knows no case itself, in the main thread.
  if (env === process.env && isMainThread) return process.env[name]
  const found = Object.keys(env).findLast((key) => upper(key) === upper(name) && env[key] !== undefined)
  return found === undefined ? undefined : String(env[found])
}

/** Each character by itself, as the system does it: it knows no capital of two letters. */
function upper(name: string): string {
  return name.replace(/./gu, (character) => {
    const capital = character.toUpperCase()
    return capital.length === character.length ? capital : character
  })
}
