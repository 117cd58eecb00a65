import { expect, it } from 'vitest'
import { interleave } from '../src/rounds.js'

it('gives every peer one turn in every case of every round, all of a case together', () => {
  const turns = [...interleave(2, ['a', 'b'], [1, 2, 3])]
  expect(turns).toHaveLength(12)
  for (const round of [1, 2]) {
    for (const kind of ['a', 'b']) {
      const indices = turns.flatMap((turn, index) => (turn.round === round && turn.case === kind ? [index] : []))
      expect(indices[2]! - indices[0]!).toBe(2)
      expect(indices.map((index) => turns[index]!.peer).sort()).toEqual([1, 2, 3])
    }
  }
  expect(turns.map(({ index }) => index)).toEqual(turns.map((_, i) => i + 1))
})

it('lets another peer go first each time', () => {
  const firsts = [...interleave(3, ['a'], [1, 2, 3])].filter((_, index) => index % 3 === 0).map(({ peer }) => peer)
  expect(new Set(firsts).size).toBe(3)
})
