import { describe, expect, it } from 'vitest'
import { featuresOf } from '../src/features.js'
import { generate } from '../src/generate.js'
import { isProgram } from '../src/grammar.js'

const all = featuresOf([3, 13, 0])

describe('generate', () => {
  it('gives the same program for the same seed and features', () => {
    for (let seed = 0; seed < 50; seed++) expect(generate(seed, all)).toEqual(generate(seed, all))
  })

  it('gives another program for another seed', () => {
    const programs = Array.from({ length: 500 }, (_, seed) => JSON.stringify(generate(seed, all).main))
    expect(new Set(programs).size).toBe(500)
  })

  it('keeps to the language', () => {
    for (let seed = 0; seed < 2000; seed++) expect(isProgram(generate(seed, all)), `seed ${seed}`).toBe(true)
  })

  it('uses every kind of statement', () => {
    const used = new Set<unknown>()
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return
      if ('op' in node) used.add(node.op)
      for (const value of Object.values(node)) visit(value)
    }
    for (let seed = 0; seed < 2000; seed++) visit(generate(seed, all).main)
    expect([...used].sort()).toEqual(everything.toSorted())
  })

  it('leaves out what an older Python does otherwise', () => {
    const text = Array.from({ length: 1000 }, (_, seed) =>
      JSON.stringify(generate(seed, featuresOf([3, 11, 2]))),
    ).join()
    expect(text).not.toMatch(/"eager"|"uncancel"|"waitFor"|"asCompleted"|"shutdown"/)
  })
})

const everything = (
  'asCompleted at await call cancel cancelling fail future group groupSpawn hold if inspect later let look make offDone ' +
  'onDone raise repeat reraise reschedule return scope set sleep soon spawn tasks timeout timeoutAt trace try uncancel ' +
  'use useAwait wait waitFor'
).split(' ')
