import { describe, expect, it } from 'vitest'
import { functionFrom, sourceOf } from '../../src/executors/function_source.js'

// biome-ignore lint/complexity/noBannedTypes: any function
const again = (fn: Function) => functionFrom(sourceOf(fn)) as (...args: unknown[]) => unknown

describe('a function made again from its source', () => {
  it('does what it did, in whichever form it was written', async () => {
    expect(again((a: number) => a + 1)(1)).toBe(2)
    expect(
      again(function named(this: unknown, a: number) {
        return [a, this]
      })(1),
    ).toEqual([1, undefined])
    expect(await again(async (a: number) => a + 1)(1)).toBe(2)
    const object = {
      method(a: number) {
        return a * 2
      },
      async later(a: number) {
        return a * 3
      },
    }
    expect(again(object.method)(2)).toBe(4)
    expect(await again(object.later)(2)).toBe(6)
  })

  it('may call itself by its name', () => {
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1))
    expect(again(factorial)(5)).toBe(120)
  })

  it('is the same one for the same source', () => {
    const make = () => (a: number) => a
    expect(again(make())).toBe(again(make()))
  })

  it('is strict, and has require', () => {
    const strict = function (this: unknown) {
      return this
    }
    expect(again(strict)()).toBeUndefined()
    const paths = () => (require('node:path') as typeof import('node:path')).posix.join('a', 'b')
    expect(again(paths)()).toBe('a/b')
  })

  it('knows what the tools put into it that many programs run through', async () => {
    // Vitest has made something else of this import.
    expect(await again(async () => (await import('node:path')).posix.sep)()).toBe('/')
    const named = new Function('return (a) => { const inner = __name((b) => b + 1, "inner"); return inner(a) }')()
    expect(again(named)(1)).toBe(2)
  })

  it('cannot be had of what has no source of its own', () => {
    const outer = { a: 1, b: 2 }
    const inner = () => outer.a
    expect(() => sourceOf(inner)).toThrow(/inner cannot be called in another thread: it uses `outer`/)
    expect(() => sourceOf(Math.max)).toThrow(/native or bound/)
    expect(() => sourceOf((() => 1).bind(null))).toThrow(/native or bound/)
    expect(() => sourceOf(class A {})).toThrow(/it is a class/)
    expect(() => sourceOf(function* () {})).toThrow(/generator/)
    expect(() => sourceOf(async function* () {})).toThrow(/generator/)
    expect(() => sourceOf(() => import.meta.url)).toThrow(TypeError)
    expect(() => sourceOf('x' as never)).toThrow(/must be a function/)
    const base = { name: () => 'base' }
    const derived = {
      __proto__: base,
      name() {
        return super.toString()
      },
    }
    expect(() => sourceOf(derived.name)).not.toThrow()
  })
})
