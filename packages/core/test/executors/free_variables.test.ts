import { describe, expect, it } from 'vitest'
import { freeVariables } from '../../src/executors/free_variables.js'

const free = (source: string, own = '') => freeVariables(source, own)

describe('freeVariables', () => {
  it.each([
    ['(x) => x + outer', ['outer']],
    ['x => x.outer', []],
    ['async (a, { b, c: d = 2 }, ...rest) => [a, b, d, rest]', []],
    ['function f(n) { return n < 2 ? n : f(n - 1) + g(n) }', ['g']],
    ['() => { const { a, b: [c] } = make(); return a + c }', ['make']],
    ['() => { let a = one, b = two; var c; for (const d of three) a += b + c + d; return a }', ['one', 'two', 'three']],
    ['() => { try { risky() } catch ({ message }) { return message } finally { done() } }', ['risky', 'done']],
    [
      '() => ({ key: value, shorthand, method(a) { return a + inner }, get x() { return 1 } })',
      ['value', 'shorthand', 'inner'],
    ],
    ['() => { outer: for (;;) { for (;;) { continue outer } } }', []],
    ['(a, b) => a ? b : c', ['c']],
    ['(kind) => { switch (kind) { case FIRST: return 1; default: return 2 } }', ['FIRST']],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the source has one
    ['() => `a ${deep(`${deeper}`)} not`', ['deep', 'deeper']],
    ['() => \'words in a string\' + "more" + /pattern(words)/g.source', []],
    ['(a, b) => a / b / divisor', ['divisor']],
    ['() => 0x1f + 1_000n + 1e5 + .5e3', []],
    ['() => { /* comment */ return 1 // trailing words\n }', []],
    ['async () => { const { x } = await import("node:zlib"); return x(Buffer.alloc(1)) }', []],
    ['() => new Map([[structuredClone, console.log]]).get(Symbol.iterator)?.size', []],
    ['function* (n) { yield* other(n) }', ['other']],
    ['method(a) { return a + b }', ['b']],
    ['async method(a) { return a }', []],
    ['() => { function inner(x) { return x + y } return inner(1) }', ['y']],
    ['() => { const again = (n) => n && again(n - 1); return again(3) }', []],
    ['function () { return new.target ?? arguments.length }', []],
    ['(list) => list.map((item, index) => item * index + offset)', ['offset']],
    ['() => typeof missing', ['missing']],
    ['(a) => { a.catch(handler) }', ['handler']],
    ['() => { for (const [key, value] of pairs) use(key, value) }', ['pairs', 'use']],
    ['() => { while (going) step() }', ['going', 'step']],
    ['() => this.field', ['this']],
    ['method() { return this.field }', ['this']],
    ['function () { return this.field }', []],
    ['() => ({ a: 1, method() { return this.a } })', []],
    ['(\u00fcber) => \u00fcber + \u00e4', ['\u00e4']],
  ])('%s uses %j', (source, expected) => {
    expect(free(source)).toEqual(expected)
  })

  it('lets a function call itself by its name', () => {
    expect(free('(n) => (n < 2 ? n : fib(n - 1) + fib(n - 2))', 'fib')).toEqual([])
  })

  it('says nothing where only a parser could tell', () => {
    expect(free('() => { if (a) { b() }\n /c/.test(d) }')).toEqual([])
    expect(free('() => { class A { field = 1 } return new A() }')).toEqual([])
  })

  it('parses what tools make of functions', () => {
    expect(free(String((value: number) => value ** 2))).toEqual([])
    expect(free(String(freeVariables), 'freeVariables')).toEqual(
      expect.arrayContaining(['words', 'heads', 'declarations', 'closing']),
    )
  })
})
