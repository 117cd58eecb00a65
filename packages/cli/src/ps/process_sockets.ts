import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseSocketName, socketFolders, whyUnsafe } from '@loop/core/introspection'
import { CommandError } from '../command_error.js'

/** Where a thread of a process answers. */
export interface ThreadSocket {
  readonly threadId: number
  readonly path: string
}

/**
 * The sockets of a process, the main thread's first. A process that was killed leaves its socket behind, and its number may
 * be another's by now: whether somebody listens shows when one connects.
 * @throws CommandError if there is no such process, it is somebody else's, or it did not opt in
 */
export function socketsOf(pid: number): ThreadSocket[] {
  if (process.platform === 'win32') {
    throw new CommandError('processes cannot be looked into on Windows: call printCallGraph() inside the program')
  }
  const owner = ownerOf(pid)
  const found: ThreadSocket[] = []
  const unsafe: string[] = []
  for (const folder of socketFolders(owner)) {
    const names = namesIn(folder)
    if (names === null) continue
    const why = whyUnsafe(folder, owner)
    if (why !== null) {
      unsafe.push(why)
      continue
    }
    for (const name of names) {
      const socket = parseSocketName(name)
      if (socket?.pid === pid) found.push({ threadId: socket.threadId, path: join(folder, name) })
    }
  }
  if (found.length === 0) throw new CommandError([didNotOptIn(pid), ...unsafe].join('\n  '))
  return found.sort((a, b) => a.threadId - b.threadId)
}

export function didNotOptIn(pid: number): string {
  return `process ${pid} did not opt in: start it with LOOP_PS=1, or let it call serveIntrospection()`
}

/** The user whose process it is. */
function ownerOf(pid: number): number {
  const me = process.getuid!()
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw new CommandError(`there is no process ${pid}`)
    const owner = ownerOnLinux(pid)
    const who = owner === null ? 'another user' : `user ${owner}`
    throw new CommandError(`process ${pid} belongs to ${who}: only that user and root can look into it`)
  }
  return ownerOnLinux(pid) ?? me
}

/** Elsewhere root can look into its own processes only. */
function ownerOnLinux(pid: number): number | null {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null
}

function namesIn(folder: string): string[] | null {
  try {
    return readdirSync(folder)
  } catch {
    return null
  }
}
