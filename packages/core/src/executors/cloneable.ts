import { Future } from '../futures/future.js'
import { EventLoop } from '../loop/event_loop.js'

/**
 * Why `value` cannot be copied to another thread, with the place: `args[1].onData is a function`. Null if it can.
 * To be called when a copy has failed; it tries the parts one by one.
 * @param transfer what is handed over and so needs no copy
 */
export function whyNotCloneable(value: unknown, place: string, transfer: readonly object[] = []): string | null {
  const seen = new Set<unknown>(transfer)
  const search = (value: unknown, place: string): string | null => {
    if (seen.has(value) || canClone(value)) return null
    if (typeof value === 'object') seen.add(value)
    const parts = partsOf(value)
    for (const [key, part] of parts) {
      const found = search(part, `${place}${key}`)
      if (found !== null) return found
    }
    // What holds something that is handed over cannot be copied by itself, and may be fine.
    return transfer.length > 0 && parts.length > 0 ? null : `${place} is ${describe(value)}`
  }
  return search(value, place)
}

/** Where `value` holds something of this thread's loops, whose copy would be without use. Null if it does not. */
export function whatBelongsHere(value: unknown, place: string): string | null {
  const seen = new Set<unknown>()
  const search = (value: unknown, place: string): string | null => {
    const own = belongsHere(value, place)
    if (own !== null || seen.has(value)) return own
    seen.add(value)
    for (const [key, part] of partsOf(value)) {
      const found = search(part, `${place}${key}`)
      if (found !== null) return found
    }
    return null
  }
  return search(value, place)
}

/** What `value` itself is, if it belongs to a loop of this thread. */
export function belongsHere(value: unknown, place: string): string | null {
  if (value instanceof EventLoop)
    return `${place} is an event loop, which belongs to its thread: give loop.threadHandle() instead`
  if (value instanceof Future) return `${place} is a future, which belongs to its loop: await it first`
  return null
}

function canClone(value: unknown): boolean {
  try {
    structuredClone(value)
    return true
  } catch {
    return false
  }
}

function partsOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  if (Array.isArray(value)) return value.map((part, index) => [`[${index}]`, part])
  if (value instanceof Map) {
    return [...(value as Map<unknown, unknown>)].flatMap(([key, part]): [string, unknown][] => [
      ['.keys()', key],
      [`.get(${typeof key === 'string' ? JSON.stringify(key) : '...'})`, part],
    ])
  }
  if (value instanceof Set) return [...value].map((part) => ['.values()', part])
  return Object.entries(value).map(([key, part]) => [
    /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
    part,
  ])
}

function describe(value: unknown): string {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`
  if (typeof value === 'symbol') return 'a symbol'
  const maker = Object.getPrototypeOf(value)?.constructor?.name as string | undefined
  return `a ${maker ?? 'object without a prototype'}, which cannot be copied`
}
