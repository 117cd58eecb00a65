import { mkdtempSync, readdirSync, rmSync, unlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { constants, Socket } from '@loop/core'
import { type Ground, withinLoop } from './within_loop.js'

/** Runs `body` with a folder of its own, in which it may leave files. */
export function withinFolder(body: (folder: string, ground: Ground) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loop-unix-'))
  return withinLoop((ground) => body(folder, ground)).finally(() => {
    // One by one: rmSync would look at each first, which Windows refuses for the file of a socket.
    for (const name of readdirSync(folder)) unlinkSync(join(folder, name))
    rmSync(folder, { recursive: true })
  })
}

/** Two Unix sockets that are connected with each other, also where the system has no socketpair(). */
export async function unixPair({ loop, own }: Ground, folder: string): Promise<[Socket, Socket]> {
  const path = join(folder, 'pair')
  const listening = own(new Socket({ family: constants['AF_UNIX']! }))
  listening.bind(path)
  listening.listen(1)
  const near = own(new Socket({ family: constants['AF_UNIX']! }))
  const accepting = loop.sockAccept(listening)
  await loop.sockConnect(near, path)
  const [far] = await accepting
  unlinkSync(path)
  return [near, own(far)]
}
