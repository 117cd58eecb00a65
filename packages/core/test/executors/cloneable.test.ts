import { describe, expect, it } from 'vitest'
import { whatBelongsHere, whyNotCloneable } from '../../src/executors/cloneable.js'
import { Future } from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

describe('whyNotCloneable', () => {
  const why = (value: unknown, transfer: object[] = []) => whyNotCloneable(value, 'it', transfer)

  it.each([
    [{ a: [1, { b() {} }] }, 'it.a[1].b is the function b'],
    [[(() => () => {})()], 'it[0] is a function'],
    [{ 'with-dash': Symbol('s') }, 'it["with-dash"] is a symbol'],
    [new Map<unknown, unknown>([['key', new WeakMap()]]), 'it.get("key") is a WeakMap, which cannot be copied'],
    [new Map<unknown, unknown>([[() => {}, 1]]), 'it.keys() is a function'],
    [new Set([Promise.resolve()]), 'it.values() is a Promise, which cannot be copied'],
  ])('%o: %s', (value, expected) => {
    expect(why(value)).toBe(expected)
  })

  it('finds nothing in what can be copied, circles included', () => {
    const circle: Record<string, unknown> = { date: new Date(), bytes: new Uint8Array(3) }
    circle['self'] = circle
    expect(why(circle)).toBeNull()
    circle['fn'] = () => {}
    expect(why(circle)).toBe('it.fn is a function')
  })

  it('does not blame what is handed over', () => {
    const { port1, port2 } = new MessageChannel()
    expect(why({ port1 }, [port1])).toBeNull()
    expect(why({ port1, port2 }, [port1])).toBe('it.port2 is a MessagePort, which cannot be copied')
    port1.close()
  })
})

it('whatBelongsHere finds loops and futures anywhere', () => {
  const loop = new VirtualClockEventLoop()
  const future = new Future({ loop })
  const circle: Record<string, unknown> = {}
  circle['self'] = circle
  expect(whatBelongsHere(circle, 'it')).toBeNull()
  expect(whatBelongsHere({ circle, list: [new Map([['f', future]])] }, 'it')).toMatch(
    /^it\.list\[0\]\.get\("f"\) is a future/,
  )
  expect(whatBelongsHere(loop, 'it')).toMatch(/^it is an event loop.*threadHandle/)
  loop.close()
})
