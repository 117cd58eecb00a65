import { expect, it } from 'vitest'
import { Samples } from '../src/samples.js'
import { standing } from '../src/standing.js'
import { geometricMean, median, spread } from '../src/statistics.js'

it('takes the middle, the geometric mean and the spread', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([])).toBeNaN()
  expect(geometricMean([1, 4])).toBeCloseTo(2)
  expect(geometricMean([])).toBeNaN()
  expect(spread([90, 100, 120])).toBeCloseTo(0.3)
})

function samplesOf(rates: Record<string, number[]>, kind = '10 x 64 B'): Samples {
  const samples = new Samples()
  for (const [peer, rounds] of Object.entries(rates)) {
    for (const [index, rate] of rounds.entries()) samples.add({ round: index + 1, case: kind, peer, values: { rate } })
  }
  return samples
}

it('compares two peers within each round, not across rounds', () => {
  // The machine halves its speed in the second round and both with it: still twice as fast, in every round.
  const samples = samplesOf({ quick: [200, 100, 220], slow: [100, 50, 110] })
  expect(samples.ratio('quick', 'slow', '10 x 64 B', 'rate')).toBe(2)
  expect(samples.median('quick', '10 x 64 B', 'rate')).toBe(200)
})

it('leaves a round out in which one of the two failed, and knows nothing of those it never met', () => {
  const samples = samplesOf({ quick: [200, 300], slow: [100] })
  expect(samples.ratio('quick', 'slow', '10 x 64 B', 'rate')).toBe(2)
  expect(samples.ratio('quick', 'absent', '10 x 64 B', 'rate')).toBeNaN()
  expect(samples.median('absent', '10 x 64 B', 'rate')).toBeNaN()
  expect(samples.spreads('rate')).toEqual([0.4])
})

it('counts only cells with 10 connections and more, and names the least', () => {
  const samples = new Samples()
  const add = (kind: string, peer: string, rate: number) =>
    samples.add({ round: 1, case: kind, peer, values: { rate } })
  for (const kind of ['1 x 64 B', '10 x 64 B', '100 x 64 B']) add(kind, 'base', 1)
  add('1 x 64 B', 'loop', 100)
  add('10 x 64 B', 'loop', 1)
  add('100 x 64 B', 'loop', 4)
  const cells = [1, 10, 100].map((connections) => ({ connections, size: 64 }))
  const { geomean, least, leastAt } = standing(samples, cells, 'loop', 'base', 'rate')
  expect(geomean).toBeCloseTo(2)
  expect([least, leastAt]).toEqual([1, '10 x 64 B'])
})
