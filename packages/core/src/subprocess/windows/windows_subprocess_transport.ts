import { inspect } from 'node:util'
import type { NativeChild, WindowsProcessOps } from '../../backend/contract.js'
import { errno } from '../../errors/errno.js'
import { systemError } from '../../errors/index.js'
import type { Future } from '../../futures/future.js'
import type { ProactorEventLoop } from '../../loop/proactor_event_loop.js'
import { Operation } from '../../proactor/operation.js'
import { signalNumber } from '../../signals/signal_number.js'
import { ProactorReadPipeTransport } from '../../transports/proactor_read_pipe_transport.js'
import { ProactorWritePipeTransport } from '../../transports/proactor_write_pipe_transport.js'
import type { SubprocessProtocol } from '../../transports/protocols.js'
import { BaseSubprocessTransport } from '../base_subprocess_transport.js'
import { SubprocessPipe } from '../subprocess_pipe.js'
import type { WindowsChildStdio } from './windows_child_stdio.js'

/** What asyncio's children end with when they are terminated. */
const terminated = 1
/** CTRL_C_EVENT and CTRL_BREAK_EVENT. */
const events = new Set([0, 1])
const breakEvent = 1

/** A child that is known by its handle. asyncio: `_WindowsSubprocessTransport`. */
export class WindowsSubprocessTransport extends BaseSubprocessTransport {
  declare protected readonly _loop: ProactorEventLoop
  readonly #processes: WindowsProcessOps
  readonly #native: NativeChild
  readonly #waiting: Operation
  readonly #hasOwnGroup: boolean

  /**
   * @internal use `loop.subprocessExec`
   * @param native its owner is the transport from now on, as of the ends of `stdio`
   * @param hasOwnGroup whether it was started in a process group of its own
   * @param waiter gets its result after `connectionMade` was called
   */
  constructor(
    loop: ProactorEventLoop,
    processes: WindowsProcessOps,
    protocol: SubprocessProtocol,
    native: NativeChild,
    pid: number,
    args: readonly string[],
    stdio: WindowsChildStdio,
    hasOwnGroup: boolean,
    waiter: Future<void>,
  ) {
    super(loop, protocol, pid, args)
    this.#processes = processes
    this.#native = native
    this.#hasOwnGroup = hasOwnGroup
    for (const [fd, end] of stdio.parent.entries()) {
      if (end === null) continue
      const Pipe = fd === 0 ? ProactorWritePipeTransport : ProactorReadPipeTransport
      this._pipes.set(fd, new SubprocessPipe(this, fd, (pipe) => new Pipe(loop, end, pipe)))
    }
    this.#waiting = new Operation(loop, () => this.#ended())
    loop._proactor._begin(this.#waiting, (proactor, slot, generation) =>
      proactor.waitForHandle(processes.handle(native), slot, generation),
    )
    this._beginSoon(waiter)
  }

  /**
   * SIGTERM and SIGKILL end it, with the code 1. SIGBREAK, `constants.CTRL_BREAK_EVENT` and `constants.CTRL_C_EVENT` are events of the console for a
   * child with a process group of its own (`processGroup: 0`); it ignores the last unless it turns it on.
   * @throws TypeError, RangeError for other signals; `ESRCH` once it has ended; `EINVAL` for an event without a group
   */
  override sendSignal(signal: NodeJS.Signals | number): void {
    if (typeof signal === 'number' && events.has(signal)) return this.#sendEvent(signal)
    signalNumber(signal)
    if (signal === 'SIGBREAK' || signal === 21) return this.#sendEvent(breakEvent)
    if (!['SIGTERM', 'SIGKILL', 15, 9].includes(signal)) {
      throw new RangeError(
        `Windows cannot send ${inspect(signal)} to a process: SIGTERM and SIGKILL end it, SIGBREAK is an event for one with processGroup: 0`,
      )
    }
    this._mustRun()
    const result = this.#processes.terminate(this.#native, terminated)
    if (result < 0) throw systemError(result, 'TerminateProcess')
  }

  /** A group's number is that of its first process; an event for one that is none would reach this program too. */
  #sendEvent(event: number): void {
    this._mustRun()
    const syscall = 'GenerateConsoleCtrlEvent'
    if (!this.#hasOwnGroup) {
      const message = 'only a child that was started with processGroup: 0 can be sent an event of its console'
      throw systemError(-errno.EINVAL, syscall, { message })
    }
    const result = this.#processes.sendControlEvent(event, this.getPid())
    if (result < 0) throw systemError(result, syscall)
  }

  override terminate(): void {
    this.sendSignal('SIGTERM')
  }

  override kill(): void {
    this.sendSignal('SIGKILL')
  }

  #ended(): void {
    const code = this.#processes.exitCode(this.#native)
    this.#processes.close(this.#native)
    this._exited(Math.max(code, 0))
    if (!this._exitReported) this._loop.callSoon(proceed, this)
  }

  /** @internal as long as its pipes bring what it wrote */
  _proceedLater(): void {
    this._proceed()
    if (!this._exitReported) this._loop.callSoon(proceed, this)
  }

  protected override _abandon(isRunning: boolean): void {
    if (!isRunning) return
    this._loop._proactor._cancel(this.#waiting)
    this.#processes.terminate(this.#native, terminated)
    this.#processes.close(this.#native)
  }
}

function proceed(transport: WindowsSubprocessTransport): void {
  transport._proceedLater()
}
