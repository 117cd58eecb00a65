import { currentBackend } from '../backend/load.js'
import { LoopError, NotImplementedError } from '../errors/index.js'
import { checkFactory, checkOptions } from '../loop/create_connection.js'
import { getEventLoopPolicy } from '../loop/current_policy.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { abortable, abortError } from '../tasks/abortable.js'
import type { SubprocessProtocol } from '../transports/protocols.js'
import { ChildStdio, type StdioPlan, stdioPlan } from './child_stdio.js'
import { processOps } from './exit_watch.js'
import { PIPE, type SubprocessOptions } from './options.js'
import { checkNoTextMode, type ProgramRequest, programRequest } from './program_request.js'
import { abandonChild, Spawning } from './spawning.js'
import { mustBeProtocol, UnixSubprocessTransport } from './unix_subprocess_transport.js'

const shell = '/bin/sh'

/** What a stream is that the options leave out. */
export type LeftOut = 'pipe' | 'inherit'

/**
 * Starts a program. Its standard streams are pipes unless the options say otherwise.
 * @param args the program, by its path or a name that is looked up in PATH, and its arguments
 * @throws TypeError, RangeError for wrong options at the call; later the error of the call that failed, in the child too:
 *   `execve` with the program as its `path`, `chdir` with the directory, `setuid`, ...
 *
 * asyncio: `subprocess_exec`.
 */
export function subprocessExec<P extends SubprocessProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  args: readonly string[],
  options: SubprocessOptions = {},
  leftOut: LeftOut = PIPE,
): Promise<[UnixSubprocessTransport, P]> {
  check(loop, protocolFactory, options)
  checkNoTextMode(options, false)
  return launch(loop, protocolFactory, args, options, leftOut)
}

/** As `subprocessExec`, for a command line of /bin/sh, or of the shell that `executable` names. asyncio: `subprocess_shell`. */
export function subprocessShell<P extends SubprocessProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  cmd: string,
  options: SubprocessOptions = {},
  leftOut: LeftOut = PIPE,
): Promise<[UnixSubprocessTransport, P]> {
  check(loop, protocolFactory, options)
  checkNoTextMode(options, true)
  if (typeof cmd !== 'string') throw new TypeError(`cmd must be a string, not ${typeof cmd}`)
  return launch(loop, protocolFactory, [options.executable ?? shell, '-c', cmd], options, leftOut)
}

function check(loop: SocketEventLoop, protocolFactory: unknown, options: unknown): void {
  loop._mustBeOpen()
  if (!loop.supports('subprocess')) {
    throw new NotImplementedError('subprocess', loop.backend.name, 'use node:child_process beside the loop')
  }
  checkFactory(protocolFactory)
  checkOptions(options)
}

function launch<P extends SubprocessProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  args: readonly string[],
  options: SubprocessOptions,
  leftOut: LeftOut,
): Promise<[UnixSubprocessTransport, P]> {
  const request = programRequest(processOps(), args, options)
  return start(loop, protocolFactory, request, stdioPlan(options, leftOut), options)
}

async function start<P extends SubprocessProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  request: ProgramRequest,
  plan: StdioPlan,
  { signal, executable }: SubprocessOptions,
): Promise<[UnixSubprocessTransport, P]> {
  if (signal?.aborted) throw abortError(signal)
  const watcher = getEventLoopPolicy().getChildWatcher()
  if (!watcher.isActive()) throw new LoopError('The child watcher is not active: it was closed', 'ERR_LOOP_STATE')
  const protocol = protocolFactory()
  mustBeProtocol(protocol)
  const processes = processOps()
  const stdio = new ChildStdio(currentBackend().sockets, processes, plan)
  const waiter = loop.createFuture<void>()
  let transport: UnixSubprocessTransport
  let pid = 0
  try {
    pid = await spawned(loop, request, stdio, executable ?? request.args[0]!)
    transport = new UnixSubprocessTransport(loop, processes, protocol, pid, request.args, stdio, watcher, waiter)
  } catch (error) {
    stdio.close()
    if (pid > 0) abandonChild(processes, pid)
    throw error
  }
  try {
    await abortable(waiter, signal)
  } catch (error) {
    transport.close()
    await transport._wait()
    throw error
  }
  terminateOnAbort(transport, signal)
  return [transport, protocol]
}

/** Not cancellable: a cancellation is noticed when the child is there, and can be killed. */
function spawned(loop: SocketEventLoop, program: ProgramRequest, stdio: ChildStdio, name: string): Promise<number> {
  const request = { ...program, stdio: stdio.child, terminal: stdio.terminal }
  const spawning = new Spawning(loop, currentBackend().sockets, processOps(), request, name)
  stdio.closeChildEnds()
  return spawning.outcome
}

function terminateOnAbort(transport: UnixSubprocessTransport, signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  const terminate = () => transport._terminate()
  signal.addEventListener('abort', terminate, { once: true })
  transport._wait().then(() => signal.removeEventListener('abort', terminate))
}
