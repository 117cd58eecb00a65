import { currentBackend } from '../backend/load.js'
import { LoopError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import { getEventLoopPolicy } from '../loop/current_policy.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import type { SubprocessProtocol } from '../transports/protocols.js'
import type { BaseSubprocessTransport } from './base_subprocess_transport.js'
import { ChildStdio, type StdioPlan } from './child_stdio.js'
import { processOps } from './exit_watch.js'
import { type Launch, type Launcher, refuseOptionsOfWindows } from './launcher.js'
import type { SubprocessOptions } from './options.js'
import { type ProgramRequest, programRequest } from './program_request.js'
import { abandonChild, Spawning } from './spawning.js'
import { UnixSubprocessTransport } from './unix_subprocess_transport.js'

const shell = '/bin/sh'

/** Starts programs where a process is known by its number and its files by descriptors. */
export const unixLauncher: Launcher = {
  exec: (args, options) => new UnixLaunch(args, options),
  shell: (command, options) => new UnixLaunch([options.executable ?? shell, '-c', command], options),
}

class UnixLaunch implements Launch {
  readonly #request: ProgramRequest
  readonly #name: string

  constructor(args: readonly string[], options: SubprocessOptions) {
    refuseOptionsOfWindows(options)
    this.#request = programRequest(processOps(), args, options)
    this.#name = options.executable ?? args[0]!
  }

  async start(
    loop: SocketEventLoop,
    protocol: SubprocessProtocol,
    plan: StdioPlan,
    waiter: Future<void>,
  ): Promise<BaseSubprocessTransport> {
    const watcher = getEventLoopPolicy().getChildWatcher()
    if (!watcher.isActive()) throw new LoopError('The child watcher is not active: it was closed', 'ERR_LOOP_STATE')
    const processes = processOps()
    const stdio = new ChildStdio(currentBackend().sockets, processes, plan)
    let pid = 0
    try {
      pid = await this.#spawn(loop, stdio)
      const { args } = this.#request
      return new UnixSubprocessTransport(loop, processes, protocol, pid, args, stdio, watcher, waiter)
    } catch (error) {
      stdio.close()
      if (pid > 0) abandonChild(processes, pid)
      throw error
    }
  }

  #spawn(loop: SocketEventLoop, stdio: ChildStdio): Promise<number> {
    const request = { ...this.#request, stdio: stdio.child, terminal: stdio.terminal }
    const spawning = new Spawning(loop, currentBackend().sockets, processOps(), request, this.#name)
    stdio.closeChildEnds()
    return spawning.outcome
  }
}
