import { expectTypeOf, test } from 'vitest'
import {
  AfdSelector,
  DefaultSelector,
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  type FdLike,
  KqueueSelector,
  PollSelector,
  Selector,
  type SelectorKey,
  type SelectorMap,
  SelectSelector,
} from '../../src/index.js'

test('Selector', () => {
  const selector = new DefaultSelector()
  expectTypeOf(selector).toExtend<Selector>()
  expectTypeOf(selector.register(1, EVENT_READ | EVENT_WRITE, { own: 'data' })).toEqualTypeOf<SelectorKey>()
  expectTypeOf(selector.modify(1, EVENT_READ)).toEqualTypeOf<SelectorKey>()
  expectTypeOf(selector.unregister(1)).toEqualTypeOf<SelectorKey>()
  expectTypeOf(selector.select(10)).toEqualTypeOf<[key: SelectorKey, events: number][]>()
  expectTypeOf(selector.getKey(1)).toEqualTypeOf<SelectorKey>()
  expectTypeOf(selector.getMap()).toEqualTypeOf<SelectorMap | null>()
  expectTypeOf(selector.fileno()).toEqualTypeOf<number>()
  expectTypeOf(selector.close()).toBeVoid()
  expectTypeOf<SelectorKey>().toExtend<{ fileobj: FdLike; fd: number; events: number; data: unknown }>()
  // @ts-expect-error it is abstract
  new Selector('own', null)
})

test('each mechanism has its class', () => {
  expectTypeOf(new EpollSelector().fileno()).toEqualTypeOf<number>()
  expectTypeOf(new KqueueSelector().fileno()).toEqualTypeOf<number>()
  expectTypeOf(new PollSelector()).toExtend<Selector>()
  expectTypeOf(new SelectSelector()).toExtend<Selector>()
  expectTypeOf<typeof EVENT_READ>().toEqualTypeOf<1>()
  expectTypeOf<typeof EVENT_WRITE>().toEqualTypeOf<2>()
})

test('AfdSelector', () => {
  expectTypeOf(new AfdSelector()).toExtend<Selector>()
})
