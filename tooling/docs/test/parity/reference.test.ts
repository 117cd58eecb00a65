import { describe, expect, it } from 'vitest'
import { parseReference } from '../../src/parity/reference.js'

describe('parseReference', () => {
  it('reads exports, members and options', () => {
    expect(parseReference('run')).toEqual({ name: 'run', member: null, options: [] })
    expect(parseReference('Runner.run')).toEqual({ name: 'Runner', member: 'run', options: [] })
    expect(parseReference('Runner[Symbol.asyncDispose]')).toEqual({
      name: 'Runner',
      member: 'Symbol.asyncDispose',
      options: [],
    })
    expect(parseReference('EventLoop.createServer({ host, port })')).toEqual({
      name: 'EventLoop',
      member: 'createServer',
      options: ['host', 'port'],
    })
  })

  it.each(['', 'a b', 'run()', 'a.b.c', 'run({})'])('refuses %j', (text) => {
    expect(() => parseReference(text)).toThrow(RangeError)
  })
})
