import type { Socket } from '@loop/core'

/** Sends past the transport until the kernel takes no more; how much it took. */
export function fill(socket: Socket): number {
  let total = 0
  for (const size of [65536, 1]) {
    try {
      for (;;) total += socket.send(Buffer.alloc(size))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
  return total
}
