import { afterEach, describe, expect, it } from 'vitest'
import { environmentBlock, environmentOf, variableOf } from '../../../src/subprocess/windows/environment_block.js'

const before = process.env['SystemRoot']

afterEach(() => {
  if (before === undefined) delete process.env['SystemRoot']
  else process.env['SystemRoot'] = before
})

describe('environmentBlock', () => {
  it('is sorted without regard to case, each with a NUL behind it, and one more', () => {
    delete process.env['SystemRoot']
    expect(environmentBlock({ b: '1', A: '2', _: '3', B1: '4', ä: '5', none: undefined })).toBe(
      'A=2\0b=1\0B1=4\0_=3\0ä=5\0\0',
    )
    expect(environmentBlock({})).toBe('\0')
  })

  it('takes the last of those that differ only in case', () => {
    delete process.env['SystemRoot']
    expect(environmentBlock({ Path: '1', X: '2', PATH: '3' })).toBe('PATH=3\0X=2\0\0')
  })

  it('knows no capitals of two letters', () => {
    delete process.env['SystemRoot']
    expect(environmentBlock({ SS: '1', ß: '2' })).toBe('SS=1\0ß=2\0\0')
  })

  it('has what the system cannot do without', () => {
    process.env['SystemRoot'] = 'C:\\Windows'
    expect(environmentBlock({ A: '1' })).toBe('A=1\0SystemRoot=C:\\Windows\0\0')
    expect(environmentBlock({ SYSTEMROOT: 'D:\\w' })).toBe('SYSTEMROOT=D:\\w\0\0')
  })

  it('refuses what is no variable', () => {
    for (const wrong of [{ '': '1' }, { 'A=B': '1' }, { 'A\0': '1' }, { A: '\0' }]) {
      expect(() => environmentBlock(wrong)).toThrow(RangeError)
    }
    expect(() => environmentBlock({ A: 1 })).toThrow(TypeError)
  })
})

describe('environmentOf', () => {
  it('leaves the environment of this process to the system', () => {
    // Vitest's own is a worker's copy.
    expect(environmentOf({ ...process.env })).toContain('\0\0')
  })
})

describe('variableOf', () => {
  it('finds a name in any case', () => {
    expect(variableOf({ Path: 'a' }, 'PATH')).toBe('a')
    expect(variableOf({ Path: 'a', PATH: 'b', pAth: undefined }, 'path')).toBe('b')
    expect(variableOf({}, 'PATH')).toBeUndefined()
  })
})
