import { describe, expect, it } from 'vitest'
import { Context, ContextVar, copyContext } from '../../src/index.js'
import { virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at
const variable = new ContextVar<string>('variable', { defaultValue: 'default' })

describe('callSoon', () => {
  it('[CP-03] captures the context as it is at the call', () =>
    run(async () => {
      variable.set('at the call')
      const seen = new Promise((resolve) => at.loop.callSoon(() => resolve(variable.get())))
      variable.set('later')
      expect(await seen).toBe('at the call')
      expect(variable.get()).toBe('later')
    }))

  it('[CP-03] takes another context by being called in it', () =>
    run(async () => {
      variable.set('own')
      const context = copyContext()
      context.run(() => variable.set('other'))
      const read = (schedule: (read: () => void) => void) =>
        context.run(() => new Promise((resolve) => schedule(() => resolve(variable.get()))))
      expect(await read((callback) => at.loop.callSoon(callback))).toBe('other')
      expect(await read((callback) => at.loop.callLater(1, callback))).toBe('other')
      expect(await read((callback) => at.loop.callSoonThreadsafe(callback))).toBe('other')
      expect(
        await new Context().run(() => new Promise((resolve) => at.loop.callSoon(() => resolve(variable.get())))),
      ).toBe('default')
      expect(variable.get()).toBe('own')
    }))
})
