import { closeSync, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { socketpair, type Transport } from '@loop/core'
import { type Ground, withinLoop } from './within_loop.js'

/** Runs `body` with a file that is open: something to pass on. */
export async function withOpenFile(body: (fd: number, ground: Ground) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loop-descriptors-'))
  try {
    await withinLoop(async (ground) => {
      const fd = openSync(join(folder, 'file'), 'w')
      try {
        await body(fd, ground)
      } finally {
        closeSync(fd)
      }
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Whether two numbers that differ stand for the same file. */
export const sameFile = (one: number, other: number) => fstatSync(one).ino === fstatSync(other).ino && one !== other

/** How many other numbers stand for the same file. */
export function copiesOf(fd: number): number {
  const same = (other: number) => {
    try {
      return sameFile(fd, other)
    } catch {
      return false
    }
  }
  return Array.from({ length: 200 }, (_, number) => number).filter(same).length
}

/** The transports of `one` and `other`, connected to each other. */
export async function transports<A extends object, B extends object>(
  { loop }: Ground,
  one: A,
  other: B,
): Promise<[Transport, Transport]> {
  const pair = socketpair()
  const [first] = await loop.connectAcceptedSocket(() => one as never, pair[0])
  const [second] = await loop.connectAcceptedSocket(() => other as never, pair[1])
  return [first, second]
}
