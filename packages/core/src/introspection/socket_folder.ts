import { lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Where the socket of a process may be that belongs to `uid`: with the session's other sockets, or where temporary files
 * are. The first of them that exists is the one a process uses.
 */
export function socketFolders(uid: number): string[] {
  const folders = [join(tmpdir(), `loop-${uid}`), join('/tmp', `loop-${uid}`)]
  const runtime = [join('/run/user', String(uid), 'loop')]
  // Root's own variables say nothing of somebody else's session.
  if (process.env['XDG_RUNTIME_DIR'] && uid === process.getuid!())
    runtime.unshift(join(process.env['XDG_RUNTIME_DIR'], 'loop'))
  return [...new Set([...runtime, ...folders])]
}

/** The socket of a thread of a process. */
export function socketName(pid: number, threadId: number): string {
  return `${pid}.${threadId}.sock`
}

/** Whose socket it is. */
export interface SocketOwner {
  /** The process. */
  pid: number
  /** The thread of it; 0 is the main one. */
  threadId: number
}

/** The process and thread of a socket's file name, or null if it is none. */
export function parseSocketName(name: string): SocketOwner | null {
  const match = /^(\d+)\.(\d+)\.sock$/.exec(name)
  return match === null ? null : { pid: Number(match[1]), threadId: Number(match[2]) }
}

/** Why nobody may trust what is in this folder, or null: it must be the owner's, and nobody else may enter it. */
export function whyUnsafe(folder: string, uid: number): string | null {
  const stat = lstatSync(folder)
  if (!stat.isDirectory()) return `${folder} is not a directory`
  if (stat.uid !== uid) return `${folder} belongs to user ${stat.uid}, not to user ${uid}`
  const mode = stat.mode & 0o777
  if ((mode & 0o077) !== 0) return `${folder} can be entered by others (mode ${mode.toString(8)}): chmod 700 ${folder}`
  return null
}

/** Makes the folder for the sockets of this user and gives its path. */
export function makeSocketFolder(): string {
  const uid = process.getuid!()
  const errors: string[] = []
  for (const folder of socketFolders(uid)) {
    try {
      mkdirSync(folder, { mode: 0o700 })
    } catch (error) {
      // Where there is no session there is no folder for its sockets either.
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'EEXIST') {
        errors.push((error as Error).message)
        continue
      }
    }
    const unsafe = whyUnsafe(folder, uid)
    if (unsafe === null) return folder
    errors.push(unsafe)
  }
  throw new Error(`There is no folder that only user ${uid} can enter:\n  ${errors.join('\n  ')}`)
}
