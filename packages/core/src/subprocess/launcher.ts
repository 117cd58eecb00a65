import { NotImplementedError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { SubprocessProtocol } from '../transports/protocols.js'
import type { BaseSubprocessTransport } from './base_subprocess_transport.js'
import type { StdioPlan } from './child_stdio.js'
import type { SubprocessOptions } from './options.js'

/** How a platform starts programs. */
export interface Launcher {
  /** @throws what is wrong with the arguments */
  exec(args: readonly string[], options: SubprocessOptions): Launch
  /** The same of a command line of the shell. */
  shell(command: string, options: SubprocessOptions): Launch
}

/** A program that can be started. */
export interface Launch {
  /**
   * Not cancellable: a cancellation is noticed when the child is there, and can be killed.
   * @param waiter gets its result after `connectionMade` was called
   * @throws what fails, and then nothing is left of it
   */
  start(
    loop: SocketEventLoop,
    protocol: SubprocessProtocol,
    plan: StdioPlan,
    waiter: Future<void>,
  ): Promise<BaseSubprocessTransport>
}

/** Options that only Windows has are refused elsewhere. */
export function refuseOptionsOfWindows(options: SubprocessOptions): void {
  for (const name of ['creationFlags', 'windowsHide', 'job'] as const) {
    const given = options[name]
    if (given == null || given === false) continue
    throw new NotImplementedError(
      name,
      process.platform,
      'only Windows has it; a process group can be killed as a whole',
    )
  }
}
