import { type EventLoop, sleep } from '@loop/core'

/** How many operations of a proactor's the system has not given back, or have brought bytes that nobody took. */
export function underWay(loop: EventLoop): number {
  return (loop as unknown as { _proactor: { _underWay: number } })._proactor._underWay
}

/** Waits until there are no more than `count`. */
export async function underWayAre(loop: EventLoop, count: number): Promise<void> {
  while (underWay(loop) !== count) await sleep(1)
}
