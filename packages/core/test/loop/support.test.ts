import { describe, expect, it } from 'vitest'
import { supportOf } from '../../src/loop/capabilities.js'
import { features } from '../../src/loop/features.js'
import { supportHere } from '../../src/loop/support_here.js'

describe('what a mechanism supports', () => {
  it('is told by the nearest entry: a mechanism on its platform, a mechanism, a platform, everywhere', () => {
    expect(supportOf('pipes', 'iocp', 'win32')).toBe(true)
    expect(supportOf('pipes', 'afd', 'win32')).toMatch(/ProactorEventLoop/)
    expect(supportOf('manyDescriptors', 'select', 'linux')).toMatch(/PollSelector/)
    expect(supportOf('manyDescriptors', 'select', 'win32')).toMatch(/AfdSelector/)
    expect(supportOf('tls', 'epoll', 'linux')).toBe(true)
    expect(() => supportOf('telepathy' as never, 'epoll')).toThrow(RangeError)
  })

  it('is asked of the system where only some releases have it', () => {
    expect(supportOf('unixSockets', 'iocp', 'win32')).toEqual({
      since: expect.stringContaining('Windows 10'),
      otherwise: expect.stringContaining('127.0.0.1'),
    })
    for (const feature of features) expect(typeof supportHere(feature, 'select')).not.toBe('object')
  })
})
