import { describe, expect, it } from 'vitest'
import { allTasks } from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'
import { Tree } from './tree.js'

const seed = 20_240_611
/** CI has 100,000. */
const tasks = Number(process.env['LOOP_STRESS_TASKS'] ?? 5_000)

async function grow(most: number) {
  const loop = new VirtualClockEventLoop()
  const reports: unknown[] = []
  loop.setExceptionHandler((_loop, context) => reports.push(context))
  try {
    return await loop.runUntilComplete(async () => {
      const tree = new Tree(loop, seed, most)
      await tree.grow()
      const { digest, counts, places } = tree
      return { digest, counts, got: places.got, faults: await places.faults(), left: allTasks().size - 1, reports }
    })
  } finally {
    loop.close()
  }
}

async function settledHeap(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    global.gc!()
  }
  return process.memoryUsage().heapUsed
}

describe(`${tasks} tasks in nested groups, with random cancellations and timeouts`, () => {
  it('lose nothing, leave nothing, and do the same each time', { timeout: 300_000 }, async () => {
    // What the code itself needs is there after the first run.
    await grow(5_000)
    const before = await settledHeap()
    const first = await grow(tasks)
    expect(first.counts.created).toBe(tasks)
    expect(first.counts.ended).toBe(tasks)
    expect(first.counts.left).toBe(first.counts.entered)
    expect(first.faults).toEqual([])
    expect(first.left).toBe(0)
    expect(first.reports).toEqual([])
    // Enough of everything has happened for that to mean something.
    for (const often of [first.counts.cancelled, first.counts.failed, first.counts.timeouts, first.got]) {
      expect(often).toBeGreaterThan(tasks / 100)
    }
    const after = await settledHeap()
    // 100,000 tasks that stayed would be ten times that.
    expect(after - before).toBeLessThan(2_000_000)
    expect(await grow(tasks)).toEqual(first)
  })
})
