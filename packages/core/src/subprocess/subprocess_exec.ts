import { checkFactory, checkOptions } from '../loop/create_connection.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { abortable, abortError } from '../tasks/abortable.js'
import { mustBeProtocol } from '../transports/flow_control.js'
import type { SubprocessProtocol } from '../transports/protocols.js'
import type { BaseSubprocessTransport } from './base_subprocess_transport.js'
import { checkNoTextMode } from './checked_options.js'
import { type StdioPlan, stdioPlan } from './child_stdio.js'
import type { Launch, Launcher } from './launcher.js'
import { PIPE, type SubprocessOptions } from './options.js'
import { unixLauncher } from './unix_launcher.js'
import { windowsLauncher } from './windows/windows_launcher.js'

const launcher: Launcher = process.platform === 'win32' ? windowsLauncher : unixLauncher

/** What a stream is that the options leave out. */
export type LeftOut = 'pipe' | 'inherit'

/**
 * Starts a program. Its standard streams are pipes unless the options say otherwise.
 * @param args the program, by its path or a name that is looked up in PATH, and its arguments
 * @throws TypeError, RangeError for wrong options at the call; later the error of the call that failed, in the child too:
 *   `execve` (`CreateProcess`) with the program as its `path`, `chdir` with the directory, `setuid`, ...
 *
 * asyncio: `subprocess_exec`.
 */
export function subprocessExec<P extends SubprocessProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  args: readonly string[],
  options: SubprocessOptions = {},
  leftOut: LeftOut = PIPE,
): Promise<[BaseSubprocessTransport, P]> {
  check(loop, protocolFactory, options)
  checkNoTextMode(options, false)
  return start(loop, protocolFactory, launcher.exec(args, options), stdioPlan(options, leftOut), options)
}

/** As `subprocessExec`, for a command line of the shell: /bin/sh, cmd.exe, or what `executable` names. asyncio: `subprocess_shell`. */
export function subprocessShell<P extends SubprocessProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  cmd: string,
  options: SubprocessOptions = {},
  leftOut: LeftOut = PIPE,
): Promise<[BaseSubprocessTransport, P]> {
  check(loop, protocolFactory, options)
  checkNoTextMode(options, true)
  if (typeof cmd !== 'string') throw new TypeError(`cmd must be a string, not ${typeof cmd}`)
  return start(loop, protocolFactory, launcher.shell(cmd, options), stdioPlan(options, leftOut), options)
}

function check(loop: SocketEventLoop, protocolFactory: unknown, options: unknown): void {
  loop._mustBeOpen()
  loop._mustSupport('subprocess')
  checkFactory(protocolFactory)
  checkOptions(options)
}

async function start<P extends SubprocessProtocol>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  launch: Launch,
  plan: StdioPlan,
  { signal }: SubprocessOptions,
): Promise<[BaseSubprocessTransport, P]> {
  if (signal?.aborted) throw abortError(signal)
  const protocol = protocolFactory()
  mustBeProtocol(protocol)
  const waiter = loop.createFuture<void>()
  const transport = await launch.start(loop, protocol, plan, waiter)
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

function terminateOnAbort(transport: BaseSubprocessTransport, signal: AbortSignal | undefined): void {
  if (signal === undefined) return
  const terminate = () => transport._terminate()
  signal.addEventListener('abort', terminate, { once: true })
  transport._wait().then(() => signal.removeEventListener('abort', terminate))
}
