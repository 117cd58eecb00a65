import type { ProcessOps } from '../backend/contract.js'
import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { signalNumber } from '../signals/signal_number.js'
import type { SubprocessProtocol } from '../transports/protocols.js'
import { BaseSubprocessTransport } from './base_subprocess_transport.js'
import type { ChildStdio } from './child_stdio.js'
import type { AbstractChildWatcher, ChildWatch } from './child_watcher.js'
import { abandonChild } from './spawning.js'
import { SubprocessPipe } from './subprocess_pipe.js'
import { openUnixPipe } from './unix_pipe.js'

/** A child that is known by its process id and ended by signals. asyncio: `_UnixSubprocessTransport`. */
export class UnixSubprocessTransport extends BaseSubprocessTransport {
  readonly #processes: ProcessOps
  readonly #watch: ChildWatch
  readonly #stdio: ChildStdio

  /**
   * @internal use `loop.subprocessExec`
   * @param stdio what this program's side of it is made of; its owner is the transport from now on
   * @param waiter gets its result after `connectionMade` was called
   * @throws what the watcher throws, and then nothing was taken over
   */
  constructor(
    loop: SocketEventLoop,
    processes: ProcessOps,
    protocol: SubprocessProtocol,
    pid: number,
    args: readonly string[],
    stdio: ChildStdio,
    watcher: AbstractChildWatcher,
    waiter: Future<void>,
  ) {
    super(loop, protocol, pid, args)
    this.#processes = processes
    this.#stdio = stdio
    this.#watch = watcher._watch(loop, pid, (returncode) => this._exited(returncode))
    for (const [fd, end] of stdio.parent.entries()) {
      if (end !== null) this._pipes.set(fd, new SubprocessPipe(this, fd, (pipe) => openUnixPipe(loop, pipe, fd, end)))
    }
    this._beginSoon(waiter)
  }

  /**
   * @param signal by name or number
   * @throws TypeError, RangeError; `ESRCH` once it has ended, and `EPERM` if it has become another user's
   */
  override sendSignal(signal: NodeJS.Signals | number): void {
    const number = signalNumber(signal)
    // Until this loop reaps it, its number is nobody else's.
    this._mustRun()
    process.kill(this.getPid(), number)
  }

  override terminate(): void {
    this.sendSignal('SIGTERM')
  }

  override kill(): void {
    this.sendSignal('SIGKILL')
  }

  protected override _exited(returncode: number): void {
    super._exited(returncode)
    this.#stdio.release()
  }

  protected override _abandon(isRunning: boolean): void {
    this.#watch.close()
    this.#stdio.release()
    if (isRunning) abandonChild(this.#processes, this.getPid())
  }
}
