import { describe, expect, it } from 'vitest'
import { isSameButForLostMessages } from '../src/same.js'

describe('isSameButForLostMessages', () => {
  it('allows a message where CPython has none', () => {
    expect(isSameButForLostMessages(['0 t1 caught Cancelled()'], ['0 t1 caught Cancelled(m)'])).toBe(true)
    expect(isSameButForLostMessages(['got [Cancelled(), Cancelled(a)]'], ['got [Cancelled(b), Cancelled(a)]'])).toBe(
      true,
    )
  })

  it('allows nothing else', () => {
    expect(isSameButForLostMessages(['caught Cancelled(m)'], ['caught Cancelled()'])).toBe(false)
    expect(isSameButForLostMessages(['caught Cancelled(m)'], ['caught Cancelled(n)'])).toBe(false)
    expect(isSameButForLostMessages(['caught Boom()'], ['caught Boom(m)'])).toBe(false)
    expect(isSameButForLostMessages(['1 t1 caught Cancelled()'], ['2 t1 caught Cancelled(m)'])).toBe(false)
    expect(isSameButForLostMessages(['a', 'b'], ['a'])).toBe(false)
  })
})
