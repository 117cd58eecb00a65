import { describe, expect, it } from 'vitest'
import { BuiltPackage } from '../../src/parity/built_package.js'

const built = new BuiltPackage()

describe('what the built package has', () => {
  it.each([
    'run',
    'run({ debug, loopFactory })',
    'Runner.getLoop',
    'Runner.run({ context })',
    'Runner[Symbol.asyncDispose]',
    'TaskGroup.run',
    'Protocol.dataReceived',
    'EventLoop.callSoon',
    'EventLoop.slowCallbackDuration',
    'EventLoop.createConnection({ happyEyeballsDelay, signal })',
    'EventLoopPolicy.newEventLoop',
    'StreamReader[Symbol.asyncIterator]',
  ])('%s', (name) => expect(built.has(name)).toBe(true))

  it.each([
    'nothing',
    'run({ nothing })',
    'run({ debug, nothing })',
    'Runner.nothing',
    'Runner[Symbol.asyncIterator]',
    'sleep.nothing',
    'createTask({ apply })',
  ])('not %s', (name) => expect(built.has(name)).toBe(false))

  it('a method of the contract counts when a loop overrides it', () => {
    const row = { id: 'A000', asyncio: '', state: 'done', note: '', feature: null } as const
    expect(built.gives({ ...row, names: ['EventLoop.createServer'] })).toBe(true)
    expect(built.gives({ ...row, names: ['EventLoop.createServer', 'EventLoop.nothing'] })).toBe(false)
    expect(built.gives({ ...row, names: ['EventLoop.addReader'], feature: 'fileReadiness' })).toBe(false)
    expect(built.gives({ ...row, names: [] })).toBe(false)
  })
})
