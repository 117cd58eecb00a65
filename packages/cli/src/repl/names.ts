import * as asyncio from '@loop/core'

/** Puts `asyncio` and every name of it into reach; a name that the host has already (`Event`) stays the host's. */
export function defineNames(target: object): void {
  for (const [name, value] of Object.entries({ ...asyncio, asyncio })) {
    if (name in target) continue
    Object.defineProperty(target, name, { value, configurable: true, writable: true })
  }
}
