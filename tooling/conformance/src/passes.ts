import assert from 'node:assert/strict'
import { type EventLoop, sleep } from '@loop/core'

/** Five passes of a loop that does not run: what was scheduled has had its turn after them. */
export async function passes(loop: EventLoop): Promise<void> {
  await loop.runUntilComplete(async () => {
    for (let pass = 0; pass < 5; pass++) await sleep(0)
  })
}

/** Waits until `condition` is true; looks a thousand times at most, a millisecond apart. */
export async function passesUntil(condition: () => boolean): Promise<void> {
  for (let pass = 0; pass < 1000 && !condition(); pass++) await sleep(1)
  assert.ok(condition(), `${condition} did not become true`)
}
