import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import {
  type BaseTransport,
  createSubprocessShell,
  type EventLoop,
  PIPE,
  type SubprocessProtocol,
  type SubprocessTransport,
} from '@loop/core'
import { Recorder } from './recorder.js'
import { type Ground, supports, withinLoop } from './within_loop.js'

/** For the suites that start programs of Unix. */
export const onlyWithProcesses =
  process.platform === 'win32'
    ? { skip: 'it starts programs of Unix; windows_subprocess.test.ts starts those of Windows' }
    : supports('subprocess')
      ? {}
      : { skip: 'this backend starts no processes' }

/** As `withinLoop`; afterwards there must be no child left either, neither running nor dead and not reaped. */
export async function withChildren(body: (ground: Ground) => Promise<void>): Promise<void> {
  const before = children()
  await withinLoop(body)
  await childrenGone(before)
}

/** Waits until there are no more children than `before`: those that a closing loop has killed are reaped by a thread. */
export async function childrenGone(before: readonly Child[]): Promise<void> {
  const left = () => children().filter(({ pid }) => !before.some((child) => child.pid === pid))
  let rest = left()
  for (let wait = 0; wait < 500 && rest.length > 0; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    rest = left()
  }
  assert.deepEqual(rest, [], 'children were left')
}

export interface Child {
  pid: number
  /** `'Z'` is a zombie. */
  state: string
}

/** The children of this process, proc(5). */
export function children(): Child[] {
  const found: Child[] = []
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    if (!Number.isInteger(pid)) continue
    const stat = statOf(pid)
    if (stat !== null && stat.parent === process.pid) found.push({ pid, state: stat.state })
  }
  return found
}

/** null for a process that is gone. */
export function statOf(pid: number): { state: string; parent: number; group: number; session: number } | null {
  let text: string
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null
  }
  // The program's name stands in parentheses and may contain any.
  const [state, parent, group, session] = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { state: state!, parent: Number(parent), group: Number(group), session: Number(session) }
}

/** Keeps this thread until a child has ended: its loop cannot have noticed after that, unless it had before. */
export function holdUntilEnded(pid: number): void {
  for (let stat = statOf(pid); stat !== null && stat.state !== 'Z'; stat = statOf(pid));
}

/** A subprocess protocol that notes what it is told. */
export class ProcessRecorder extends Recorder implements SubprocessProtocol {
  readonly output: Record<number, string> = { 1: '', 2: '' }
  exited = false
  declare process: SubprocessTransport

  override connectionMade(transport: BaseTransport): void {
    this.process = transport as SubprocessTransport
    this.note('made')
  }

  pipeDataReceived(fd: number, data: Buffer): void {
    this.output[fd] += data.toString('latin1')
    this.note(`data ${fd}`)
  }

  pipeConnectionLost(fd: number, exc: Error | null): void {
    this.note(`lost ${fd} ${exc === null ? 'null' : (exc as NodeJS.ErrnoException).code}`)
  }

  processExited(): void {
    this.exited = true
    this.note('exited')
  }
}

/** Starts a command line of the shell with a recorder. */
export async function shell(
  loop: EventLoop,
  command: string,
  options: Parameters<EventLoop['subprocessShell']>[2] = {},
): Promise<[SubprocessTransport, ProcessRecorder]> {
  return loop.subprocessShell(() => new ProcessRecorder(loop), command, options)
}

/** What a command line of the shell writes to its standard output. */
export async function output(
  command: string,
  options: Parameters<typeof createSubprocessShell>[1] = {},
): Promise<string> {
  const process = await createSubprocessShell(command, { stdout: PIPE, ...options })
  const [stdout] = await process.communicate()
  return stdout!.toString()
}
