import { expectTypeOf, test } from 'vitest'
import { Context, ContextVar, copyContext } from '../../src/index.js'

test('ContextVar', () => {
  const variable = new ContextVar<number>('variable')
  expectTypeOf(variable.get()).toEqualTypeOf<number | undefined>()
  expectTypeOf(variable.set(1)).toEqualTypeOf<() => void>()
  expectTypeOf(variable.name).toEqualTypeOf<string>()
  expectTypeOf(new ContextVar('text', { defaultValue: 'x' })).toExtend<ContextVar<string>>()
  // @ts-expect-error another type of value
  variable.set('text')
})

test('Context', () => {
  expectTypeOf(copyContext()).toEqualTypeOf<Context>()
  expectTypeOf(new Context().run(() => 42)).toEqualTypeOf<number>()
  expectTypeOf(new Context().copy()).toEqualTypeOf<Context>()
})
