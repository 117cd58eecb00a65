import { types } from 'node:util'

/**
 * Whether `value` is declared `async`. A plain function that returns a promise is as good a coroutine to the loop, but
 * cannot be told from other functions. asyncio: `iscoroutinefunction`.
 */
export function iscoroutinefunction(value: unknown): value is (...args: never[]) => Promise<unknown> {
  return types.isAsyncFunction(value) && !types.isGeneratorFunction(value)
}
