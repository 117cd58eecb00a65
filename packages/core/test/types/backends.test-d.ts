import { expectTypeOf, test } from 'vitest'
import { type Backend, type Feature, features, type ProactorBackend, type SelectorBackend } from '../../src/index.js'

test('a backend is of one of two kinds', () => {
  expectTypeOf<Backend>().toEqualTypeOf<SelectorBackend | ProactorBackend>()
  expectTypeOf<SelectorBackend['kind']>().toEqualTypeOf<'selector'>()
  expectTypeOf<ProactorBackend['kind']>().toEqualTypeOf<'proactor'>()
})

test('features', () => {
  expectTypeOf(features).toExtend<readonly Feature[]>()
})
