import { sleep } from '@loop/core'
import type * as work from './thread_work.js'
import { type Ground, withinLoop } from './within_loop.js'

export const module = new URL('./thread_work.js', import.meta.url)
export const of = (name: keyof typeof work) => ({ module, name })

/** Element 0 counts who came, element 1 lets them go. */
export const gate = () => new Int32Array(new SharedArrayBuffer(8))
/** Lets them go. */
export function open(gate: Int32Array): void {
  Atomics.store(gate, 1, 1)
  Atomics.notify(gate, 1)
}
/** Waits until `count` have come. */
export async function came(gate: Int32Array, count: number): Promise<void> {
  while (Atomics.load(gate, 0) < count) await sleep(1)
}

/** As `withinLoop`, and the threads of the default executor are gone afterwards. */
export const withThreads = (body: (ground: Ground) => Promise<void>) =>
  withinLoop(async (ground) => {
    try {
      await body(ground)
    } finally {
      await ground.loop.shutdownDefaultExecutor(5000)
    }
  })
