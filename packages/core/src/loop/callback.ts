import { inspect, types } from 'node:util'

export type Callback = (...args: never[]) => unknown

/** @throws TypeError for what cannot be called */
export function mustBeCallback(callback: unknown, method: string): asserts callback is Callback {
  if (typeof callback !== 'function')
    throw new TypeError(`a function was expected by ${method}(), got ${inspect(callback)}`)
}

/** For debug mode: nobody would see how the promise of an async function ends. @throws TypeError for such a function */
export function mustBePlain(callback: Callback, method: string): void {
  if (!types.isAsyncFunction(callback)) return
  throw new TypeError(
    `${method}() takes a plain function, not the async function ${callbackName(callback)}: use createTask for it`,
  )
}

export function callbackName(callback: unknown): string {
  return (callback as { name?: string }).name || '(anonymous function)'
}
