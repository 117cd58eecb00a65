import { performance } from 'node:perf_hooks'

/** How many operations a batch has, but for those that say otherwise. */
export const OPERATIONS = 1000

// Enough for the optimising compiler to have seen each operation, and for a median to mean something.
const LEAST_BATCHES = 5
const WARM_UP = 1 / 3

function median(values) {
  const sorted = values.sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}

/** CPU time of the whole process, in nanoseconds: with other programs beside it, a clock would measure those. */
function cpuTime() {
  const { user, system } = process.cpuUsage()
  return (user + system) * 1000
}

async function repeat(batch, milliseconds) {
  const times = []
  const until = performance.now() + milliseconds
  while (times.length < LEAST_BATCHES || performance.now() < until) {
    const begun = cpuTime()
    const operations = (await batch()) ?? OPERATIONS
    times.push((cpuTime() - begun) / operations)
  }
  return median(times)
}

/**
 * Runs each batch again and again for so many milliseconds, after a warm-up, and resolves to the median
 * nanoseconds of CPU time of one operation. A batch resolves to how many operations it was, where they are not OPERATIONS.
 */
export async function measureAll(batches, milliseconds) {
  const figures = {}
  for (const [name, batch] of Object.entries(batches)) {
    await repeat(batch, milliseconds * WARM_UP)
    figures[name] = await repeat(batch, milliseconds)
  }
  return figures
}
