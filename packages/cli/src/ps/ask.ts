import { unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TaskTable } from '@loop/core'
import { CommandError } from '../command_error.js'
import { didNotOptIn, socketsOf, type ThreadSocket } from './process_sockets.js'

/** What the threads of a process answered. */
export interface ProcessTasks {
  readonly pid: number
  readonly threads: readonly TaskTable[]
  /** Why threads are missing. */
  readonly problems: readonly string[]
}

/**
 * Asks every thread of a process for its tasks.
 * @param timeout milliseconds
 * @throws CommandError if none answers
 */
export async function askProcess(pid: number, timeout: number): Promise<ProcessTasks> {
  const answers = await Promise.all(socketsOf(pid).map((socket) => askThread(pid, socket, timeout)))
  const threads = answers.filter((answer) => answer !== null && typeof answer === 'object')
  const problems = answers.filter((answer) => typeof answer === 'string')
  if (threads.length === 0) throw new CommandError(problems.length > 0 ? problems.join('\n') : didNotOptIn(pid))
  return { pid, threads, problems }
}

/** The answer, why there is none, or null if nobody listens any more. */
async function askThread(
  pid: number,
  { threadId, path }: ThreadSocket,
  timeout: number,
): Promise<TaskTable | string | null> {
  const who = threadId === 0 ? `process ${pid}` : `thread ${threadId} of process ${pid}`
  const connection = connect(path)
  const limit = setTimeout(() => {
    connection.destroy(new CommandError(`${who} does not answer within ${timeout} ms: ${blocked}`))
  }, timeout)
  try {
    const answer = JSON.parse(await text(connection)) as TaskTable
    // Two processes of different PID namespaces may have the same number.
    return answer.pid === pid ? answer : null
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ECONNREFUSED') return forget(path)
    if (code === 'ENOENT') return null
    if (error instanceof SyntaxError) return `${who} ended while it answered`
    return error instanceof CommandError ? message : `${who} cannot be reached: ${message}`
  } finally {
    clearTimeout(limit)
  }
}

const blocked = 'its JavaScript thread is blocked by code that does not return, or it is stopped'

/** The process that listened there was killed. */
function forget(path: string): null {
  try {
    unlinkSync(path)
  } catch {
    // Somebody else has.
  }
  return null
}
