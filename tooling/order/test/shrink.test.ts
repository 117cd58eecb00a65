import { describe, expect, it } from 'vitest'
import type { Awaitable, Program } from '../src/ast.js'
import { featuresOf } from '../src/features.js'
import { generate } from '../src/generate.js'
import { shrink } from '../src/shrink.js'

const gatherOfShield: Awaitable = {
  is: 'gather',
  of: [
    { is: 'sleep', d: 1 },
    { is: 'shield', of: { is: 'sleep', d: 2 } },
  ],
}

const shielded: Program = {
  title: 'a shield deep inside',
  main: [
    { op: 'trace', text: 'before' },
    {
      op: 'spawn',
      name: 't1',
      body: [
        { op: 'sleep', d: 1 },
        {
          op: 'try',
          body: [{ op: 'timeout', name: 's1', d: 2, body: [{ op: 'await', of: gatherOfShield }] }],
          finally: [{ op: 'trace', text: 'finally' }],
        },
      ],
    },
    { op: 'sleep', d: 3 },
  ],
}

describe('shrink', () => {
  it('leaves what makes the difference, and takes the blocks around it away', async () => {
    const smaller = await shrink(shielded, async (program) => JSON.stringify(program).includes('"shield"'))
    expect(smaller.main).toEqual([
      { op: 'await', of: { is: 'gather', of: [{ is: 'shield', of: { is: 'sleep', d: 2 } }] } },
    ])
  })

  it('gives a program of which no part can be left out', async () => {
    const features = featuresOf([3, 13])
    const differs = async (program: Program) => {
      const text = JSON.stringify(program.main)
      return text.includes('"op":"cancel"') && text.includes('"op":"timeout"')
    }
    for (let seed = 0; seed < 60; seed++) {
      const program = generate(seed, features)
      if (!(await differs(program))) continue
      const smaller = await shrink(program, differs)
      const ops = [...JSON.stringify(smaller.main).matchAll(/"op":"(\w+)"/g)].map(([, op]) => op)
      expect(ops.sort()).toEqual(['cancel', 'timeout'])
    }
  })

  it('never changes the program that it is given', async () => {
    const before = structuredClone(shielded)
    await shrink(shielded, async () => true)
    expect(shielded).toEqual(before)
  })
})
