/**
 * Answers `loop ps`: on a Unix socket that only this user can reach, a connection is given the task table as JSON and
 * closed. It is the host that listens, so a loop that is busy, or stopped, is shown as well; a thread that is blocked
 * answers nothing, and who asks can tell that from a process that does not listen.
 */
import { readdirSync, unlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { threadId } from 'node:worker_threads'
import { scopes } from '../context/scope.js'
import { NotImplementedError } from '../errors/index.js'
import { noteForeignAwaits } from './foreign_awaits.js'
import { makeSocketFolder, parseSocketName, socketName } from './socket_folder.js'
import { listens } from './socket_probe.js'
import { taskTable } from './task_table.js'

/** What `serveIntrospection` gives. */
export interface IntrospectionServer extends AsyncDisposable {
  /** The socket's path. */
  readonly path: string
  /** Stops to answer; the socket is gone when it resolves. */
  close(): Promise<void>
}

let serving: Promise<IntrospectionServer> | null = null

/**
 * Lets `loop ps` and `loop pstree` look into this thread: at a Unix socket that only this user can reach. It does not keep
 * the process alive. Setting `LOOP_PS=1` does the same when the first loop is made. A second call gives the same server.
 *
 * From then on the promises are noted that tasks await and that are not the loop's (30 to 150 ns an `await`), so that
 * their places are known as well.
 * @throws NotImplementedError on Windows; rejects if there is no folder that only this user can enter, or the socket cannot be made
 */
export function serveIntrospection(): Promise<IntrospectionServer> {
  if (process.platform === 'win32') {
    throw new NotImplementedError('serveIntrospection', process.platform, 'use printCallGraph() inside the program')
  }
  if (serving === null) {
    // Not in the task that happens to call: connections are nobody's.
    serving = scopes.exit(serve)
    serving.catch(() => {
      serving = null
    })
  }
  return serving
}

/** For `LOOP_PS=1`: a program must not fail because nobody can look into it. */
export function serveIfAsked(): void {
  if (serving !== null || !/^(1|true)$/.test(process.env['LOOP_PS'] ?? '')) return
  try {
    serveIntrospection().catch(warn)
  } catch (error) {
    warn(error as Error)
  }
}

function warn(error: Error): void {
  process.emitWarning(`LOOP_PS has no effect: ${error.message}`, { type: 'LoopWarning', code: 'LOOP_PS' })
}

async function serve(): Promise<IntrospectionServer> {
  const folder = makeSocketFolder()
  const name = socketName(process.pid, threadId)
  const path = join(folder, name)
  await removeStale(folder, name)
  const server = await listen(path)
  const ignoreAwaits = noteForeignAwaits()
  const remove = () => unlink(path)
  process.once('exit', remove)
  const close = () => {
    process.off('exit', remove)
    ignoreAwaits()
    serving = null
    return new Promise<void>((closed) => server.close(() => closed()))
  }
  return { path, close, [Symbol.asyncDispose]: close }
}

function listen(path: string): Promise<Server> {
  const server = createServer((connection) => {
    connection.unref()
    // Who asked may have gone.
    connection.on('error', () => {})
    connection.end(JSON.stringify(taskTable()))
  })
  server.unref()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // In a cluster each process is to be seen by itself.
    server.listen({ path, exclusive: true }, () => {
      server.off('error', reject)
      server.on('error', () => {})
      resolve(server)
    })
  })
}

/**
 * Removes the sockets of processes that were killed, and of one that had our own number. A process of another PID
 * namespace may share the folder and be unknown here: what answers, lives.
 */
async function removeStale(folder: string, ours: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const owner = parseSocketName(name)
    if (owner === null || (name !== ours && isAlive(owner.pid))) continue
    const path = join(folder, name)
    if (!(await listens(path))) unlink(path)
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

function unlink(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Somebody else has.
  }
}
