import type { NativeChild } from '../../backend/contract.js'
import { backendOf } from '../../backend/load.js'
import type { Future } from '../../futures/future.js'
import type { ProactorEventLoop } from '../../loop/proactor_event_loop.js'
import type { SocketEventLoop } from '../../loop/socket_event_loop.js'
import { pipeOps, windowsProcessOps } from '../../proactor/windows_ops.js'
import type { SubprocessProtocol } from '../../transports/protocols.js'
import type { BaseSubprocessTransport } from '../base_subprocess_transport.js'
import type { StdioPlan } from '../child_stdio.js'
import type { Launch, Launcher } from '../launcher.js'
import { type WindowsProgramRequest, windowsProgram, windowsShell } from './program_request.js'
import { WindowsChildStdio } from './windows_child_stdio.js'
import { WindowsSpawning } from './windows_spawning.js'
import { WindowsSubprocessTransport } from './windows_subprocess_transport.js'

const numbers = () => backendOf('proactor')!.backend.constants

/** Starts programs where a process is known by a handle. */
export const windowsLauncher: Launcher = {
  exec: (args, options) =>
    new WindowsLaunch(windowsProgram(numbers(), args, options), args, options.executable ?? args[0]!),
  shell: (command, options) => {
    const request = windowsShell(numbers(), command, options)
    return new WindowsLaunch(request, [command], options.executable ?? 'the shell')
  },
}

class WindowsLaunch implements Launch {
  readonly #request: WindowsProgramRequest
  readonly #args: readonly string[]
  readonly #name: string

  constructor(request: WindowsProgramRequest, args: readonly string[], name: string) {
    this.#request = request
    this.#args = args
    this.#name = name
  }

  async start(
    loop: SocketEventLoop,
    protocol: SubprocessProtocol,
    plan: StdioPlan,
    waiter: Future<void>,
  ): Promise<BaseSubprocessTransport> {
    const proactorLoop = loop as ProactorEventLoop
    const processes = windowsProcessOps()
    const stdio = new WindowsChildStdio(pipeOps(), plan)
    let child: NativeChild | null = null
    try {
      const [native, pid] = await this.#spawn(proactorLoop, stdio)
      child = native
      const hasOwnGroup = (this.#request.flags & numbers()['CREATE_NEW_PROCESS_GROUP']!) !== 0
      return new WindowsSubprocessTransport(
        proactorLoop,
        processes,
        protocol,
        native,
        pid,
        this.#args,
        stdio,
        hasOwnGroup,
        waiter,
      )
    } catch (error) {
      stdio.close()
      if (child !== null) processes.close(child)
      throw error
    }
  }

  #spawn(loop: ProactorEventLoop, stdio: WindowsChildStdio): WindowsSpawning['outcome'] {
    const request = { ...this.#request, stdio: stdio.child }
    const spawning = new WindowsSpawning(loop, windowsProcessOps(), request, this.#name)
    stdio.closeChildEnds()
    return spawning.outcome
  }
}
