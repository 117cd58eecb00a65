import { type Cell, cellName, countsInMean } from './cells.js'
import type { Samples } from './samples.js'
import { geometricMean } from './statistics.js'

/** How one peer stands to another over all cells that count. */
export interface Standing {
  geomean: number
  least: number
  leastAt: string
  most: number
}

export function standing(
  samples: Samples,
  cells: readonly Cell[],
  peer: string,
  base: string,
  value: string,
): Standing {
  const ratios = cells
    .filter(countsInMean)
    .map((cell) => ({ name: cellName(cell), ratio: samples.ratio(peer, base, cellName(cell), value) }))
    .filter(({ ratio }) => !Number.isNaN(ratio))
    .sort((a, b) => a.ratio - b.ratio)
  const [least] = ratios
  return {
    geomean: geometricMean(ratios.map(({ ratio }) => ratio)),
    least: least?.ratio ?? Number.NaN,
    leastAt: least?.name ?? '',
    most: ratios.at(-1)?.ratio ?? Number.NaN,
  }
}
