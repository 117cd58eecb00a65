import { getRunningLoop } from '../loop/running.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { checkLimit } from '../streams/stream_reader.js'
import type { BaseSubprocessTransport } from './base_subprocess_transport.js'
import type { ProcessOptions } from './options.js'
import { Process } from './process.js'
import { subprocessExec, subprocessShell } from './subprocess_exec.js'
import { SubprocessStreamProtocol } from './subprocess_stream_protocol.js'

/**
 * Starts a program. Its standard streams are this program's own unless the options say otherwise.
 *
 * ```ts
 * import { createSubprocessExec, PIPE, run } from '@loop/core'
 *
 * await run(async () => {
 *   const process = await createSubprocessExec(['cat'], { stdin: PIPE, stdout: PIPE })
 *   const [output] = await process.communicate('through a child')
 *   console.log(String(output), process.returncode)
 * })
 * ```
 * prints
 * ```text
 * through a child 0
 * ```
 *
 * @param args the program, by its path or a name that is looked up in PATH, and its arguments
 * @throws TypeError, RangeError for wrong options at the call; later the error of the call that failed, in the child too:
 *   `execve` with the program as its `path`, `chdir` with the directory, `setuid`, ...
 *
 * asyncio: `create_subprocess_exec`.
 */
export function createSubprocessExec(args: readonly string[], options: ProcessOptions = {}): Promise<Process> {
  return create(options, (loop, factory, rest) => subprocessExec(loop, factory, args, rest, 'inherit'))
}

/** As `createSubprocessExec`, for a command line of /bin/sh, or of the shell that `executable` names. asyncio: `create_subprocess_shell`. */
export function createSubprocessShell(cmd: string, options: ProcessOptions = {}): Promise<Process> {
  return create(options, (loop, factory, rest) => subprocessShell(loop, factory, cmd, rest, 'inherit'))
}

/** Not an async function: what is wrong with the arguments is thrown at the call. */
function create(
  options: ProcessOptions,
  start: (
    loop: SocketEventLoop,
    factory: () => SubprocessStreamProtocol,
    options: ProcessOptions,
  ) => Promise<[BaseSubprocessTransport, SubprocessStreamProtocol]>,
): Promise<Process> {
  const loop = getRunningLoop() as SocketEventLoop
  const limit = options?.limit
  if (limit !== undefined) checkLimit(limit)
  return start(loop, () => new SubprocessStreamProtocol(limit, loop), options).then(
    ([transport, protocol]) => new Process(transport, protocol),
  )
}
