import { caught } from './virtual_loop.js'

export function fail(what: string): never {
  throw new RangeError(what)
}

/** What a promise rejects with, as text; of an AggregateError a list of what is in it. */
export async function errorsOf(promise: PromiseLike<unknown>): Promise<unknown> {
  return asText(await caught(promise))
}

function asText(error: unknown): unknown {
  if (error instanceof AggregateError) return error.errors.map(asText)
  return error instanceof Error ? `${error.name}: ${error.message}` : error
}
