import { afterEach, describe, expect, it } from 'vitest'
import {
  DefaultEventLoopPolicy,
  type EventLoop,
  EventLoopPolicy,
  getEventLoop,
  getEventLoopPolicy,
  getRunningLoop,
  NotImplementedError,
  ProactorEventLoop,
  run,
  setEventLoop,
  setEventLoopPolicy,
  sleep,
  WindowsProactorEventLoopPolicy,
  WindowsSelectorEventLoopPolicy,
} from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

afterEach(() => {
  setEventLoopPolicy(null)
  setEventLoop(null)
})

describe('current loop', () => {
  it('[PACL-01] getRunningLoop only inside a loop', async () => {
    expect(() => getRunningLoop()).toThrow(expect.objectContaining({ code: 'ERR_LOOP_NOT_RUNNING' }))
    const loop = new VirtualClockEventLoop()
    const seen = await loop.runUntilComplete(async () => {
      await sleep(1)
      const inCallback = await new Promise((resolve) => loop.callSoon(() => resolve(getRunningLoop())))
      return [getRunningLoop(), inCallback]
    })
    expect(seen.map((each) => each === loop)).toEqual([true, true])
    expect(() => getRunningLoop()).toThrow()
    loop.close()
  })

  it('[PACL-02] getEventLoop gives the running loop, else the one that is set, else throws', async () => {
    expect(() => getEventLoop()).toThrow(expect.objectContaining({ code: 'ERR_LOOP_NOT_SET' }))
    const [set, running] = [new VirtualClockEventLoop(), new VirtualClockEventLoop()]
    setEventLoop(set)
    expect(getEventLoop()).toBe(set)
    expect(await running.runUntilComplete(async () => getEventLoop() === running)).toBe(true)
    expect(getEventLoop()).toBe(set)
    set.close()
    running.close()
  })

  it('[PACL-03] setEventLoop(null) clears it; another type throws', () => {
    const loop = new VirtualClockEventLoop()
    setEventLoop(loop)
    setEventLoop(null)
    expect(() => getEventLoop()).toThrow(expect.objectContaining({ code: 'ERR_LOOP_NOT_SET' }))
    expect(() => setEventLoop({} as never)).toThrow(TypeError)
    loop.close()
  })
})

describe('policies', () => {
  class Own extends DefaultEventLoopPolicy {
    made: EventLoop[] = []
    override newEventLoop(): EventLoop {
      const loop = new VirtualClockEventLoop()
      this.made.push(loop)
      return loop
    }
  }

  it('the default one can be replaced and comes back', () => {
    expect(getEventLoopPolicy()).toBeInstanceOf(DefaultEventLoopPolicy)
    expect(getEventLoopPolicy()).toBe(getEventLoopPolicy())
    const own = new Own()
    setEventLoopPolicy(own)
    expect(getEventLoopPolicy()).toBe(own)
    setEventLoopPolicy(null)
    expect(getEventLoopPolicy()).not.toBe(own)
    expect(() => setEventLoopPolicy({} as never)).toThrow(TypeError)
  })

  it('a loop that was set stays with its policy', () => {
    const [first, second] = [new Own(), new Own()]
    const loop = first.newEventLoop()
    setEventLoopPolicy(first)
    setEventLoop(loop)
    setEventLoopPolicy(second)
    expect(() => getEventLoop()).toThrow(expect.objectContaining({ code: 'ERR_LOOP_NOT_SET' }))
    setEventLoopPolicy(first)
    expect(getEventLoop()).toBe(loop)
    loop.close()
  })

  it('run takes its loop from the policy and sets it while it runs', async () => {
    const own = new Own()
    setEventLoopPolicy(own)
    const inside = await run(async () => own.getEventLoop() === getRunningLoop())
    expect(inside).toBe(true)
    expect(own.made.map((loop) => loop.isClosed())).toEqual([true])
    expect(() => own.getEventLoop()).toThrow()
  })

  it.skipIf(process.platform === 'win32')('those of Windows say so elsewhere', () => {
    expect(() => new WindowsSelectorEventLoopPolicy()).toThrow(NotImplementedError)
    expect(() => new WindowsProactorEventLoopPolicy()).toThrow(/DefaultEventLoopPolicy/)
    expect(() => new ProactorEventLoop()).toThrow(/use SelectorEventLoop/)
    expect(WindowsSelectorEventLoopPolicy.prototype).toBeInstanceOf(EventLoopPolicy)
  })
})
