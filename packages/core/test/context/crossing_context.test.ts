import { describe, expect, it } from 'vitest'
import { packContext, unpackContext } from '../../src/context/crossing_context.js'
import { Context, ContextVar } from '../../src/index.js'

/** What arrives on the other side, where the module that made a variable has made another one. */
function across(set: () => void): Context {
  const context = new Context()
  context.run(set)
  return unpackContext(structuredClone(packContext(context)))
}
const variable = new ContextVar<unknown>('variable')
const there = new ContextVar<unknown>('variable', { defaultValue: 'default' })

describe('a context that crosses', () => {
  it('is found by the names of its variables, until they are set', () => {
    const context = across(() => variable.set({ a: 1 }))
    context.run(() => {
      expect(there.get()).toEqual({ a: 1 })
      const restore = there.set(2)
      expect(there.get()).toBe(2)
      restore()
      expect(there.get()).toEqual({ a: 1 })
    })
    expect(new Context().run(() => there.get())).toBe('default')
  })

  it('goes on to a third thread, with what was set in the second', () => {
    const second = across(() => variable.set('first'))
    expect(unpackContext(packContext(second)).run(() => there.get())).toBe('first')
    second.run(() => there.set('second'))
    expect(unpackContext(packContext(second)).run(() => there.get())).toBe('second')
  })

  it('leaves behind what cannot be copied; only who asks for it hears of that', () => {
    const other = new ContextVar<unknown>('other')
    const context = across(() => {
      variable.set(() => {})
      other.set(5)
    })
    context.run(() => {
      expect(other.get()).toBe(5)
      expect(() => there.get()).toThrow(/variable has a value in the thread that gave this work.* could not cross/)
    })
    expect(() => unpackContext(packContext(context)).run(() => there.get())).toThrow(/could not cross/)
  })

  it('cannot tell two variables of the same name apart, and says so', () => {
    const namesake = new ContextVar<unknown>('variable')
    const context = across(() => {
      variable.set(1)
      namesake.set(2)
    })
    expect(() => context.run(() => there.get())).toThrow(/two variables have this name/)
  })
})
