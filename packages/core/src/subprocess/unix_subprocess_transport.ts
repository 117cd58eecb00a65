import { inspect } from 'node:util'
import type { ProcessOps } from '../backend/contract.js'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { signalNumber } from '../signals/signal_number.js'
import { Waiters } from '../streams/waiters.js'
import type { Abortable } from '../tasks/abortable.js'
import type { BaseProtocol, SubprocessProtocol } from '../transports/protocols.js'
import { type BaseTransport, SubprocessTransport } from '../transports/transport.js'
import type { ChildStdio } from './child_stdio.js'
import type { AbstractChildWatcher, ChildWatch } from './child_watcher.js'
import { abandonChild } from './spawning.js'
import { SubprocessPipe } from './subprocess_pipe.js'

/** What `getExtraInfo('subprocess')` gives. */
export interface ChildProcess {
  /** Its process id. */
  readonly pid: number
  /** What was started. */
  readonly args: readonly string[]
  /** null while it runs; negative: the signal that ended it. */
  readonly returncode: number | null
}

/**
 * A child and its standard streams on a selector loop. The protocol is told of its output before its exit, and of the end
 * of all of it last. asyncio: `_UnixSubprocessTransport`.
 */
export class UnixSubprocessTransport extends SubprocessTransport {
  readonly #loop: SocketEventLoop
  readonly #processes: ProcessOps
  readonly #child: { pid: number; args: readonly string[]; returncode: number | null }
  readonly #watch: ChildWatch
  readonly #stdio: ChildStdio
  /** By the child's descriptor. */
  readonly #pipes = new Map<number, SubprocessPipe>()
  readonly #exits: Waiters
  #protocol: SubprocessProtocol
  #closing = false
  #exitReported = false
  #finished = false
  #lost = false

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
    super()
    this.#loop = loop
    this.#processes = processes
    this.#protocol = protocol
    this.#child = { pid, args, returncode: null }
    this.#stdio = stdio
    this.#exits = new Waiters(loop)
    this.#watch = watcher._watch(loop, pid, (returncode) => this.#exited(returncode))
    loop._children.add(this)
    for (const [fd, end] of stdio.parent.entries()) {
      if (end !== null) this.#pipes.set(fd, new SubprocessPipe(loop, this, fd, end))
    }
    // After the pipes' own beginning, and so before their first data.
    loop.callSoon(begin, this, waiter)
  }

  override getPid(): number {
    return this.#child.pid
  }

  /** null while it runs; negative: the signal that ended it. */
  override getReturncode(): number | null {
    return this.#child.returncode
  }

  /** The transport of the child's descriptor `fd`; null for one that is inherited, redirected, or none of 0, 1 and 2. */
  override getPipeTransport(fd: number): BaseTransport | null {
    return this.#pipes.get(fd)?.transport ?? null
  }

  /** `'subprocess'`: a `ChildProcess`. */
  override getExtraInfo(name: string, fallback?: unknown): any {
    return name === 'subprocess' ? (this.#child satisfies ChildProcess) : fallback
  }

  override getProtocol(): BaseProtocol {
    return this.#protocol
  }

  override setProtocol(protocol: BaseProtocol): void {
    mustBeProtocol(protocol)
    this.#protocol = protocol
  }

  override isClosing(): boolean {
    return this.#closing
  }

  /**
   * @param signal by name or number
   * @throws TypeError, RangeError; `ESRCH` once it has ended, and `EPERM` if it has become another user's
   */
  override sendSignal(signal: NodeJS.Signals | number): void {
    const number = signalNumber(signal)
    // Until this loop reaps it, its number is nobody else's.
    if (this.#child.returncode !== null) {
      throw systemError(-errno.ESRCH, 'kill', { message: `process ${this.#child.pid} has ended` })
    }
    process.kill(this.#child.pid, number)
  }

  override terminate(): void {
    this.sendSignal('SIGTERM')
  }

  override kill(): void {
    this.sendSignal('SIGKILL')
  }

  /** Closes the pipes, and kills a child that still runs. `connectionLost` follows when it has ended. */
  override close(): void {
    if (this.#closing) return
    this.#closing = true
    for (const pipe of this.#pipes.values()) pipe.transport.close()
    if (this.#child.returncode === null) this.#signalIfPossible('SIGKILL')
  }

  /** @internal for who asked by an AbortSignal, which has nobody to tell */
  _terminate(): void {
    if (this.#child.returncode === null) this.#signalIfPossible('SIGTERM')
  }

  #signalIfPossible(signal: NodeJS.Signals): void {
    try {
      this.sendSignal(signal)
    } catch {
      // It has become another user's, whom this process may not kill.
    }
  }

  /** @internal resolves when the child has ended and its pipes are closed: the return code */
  async _wait(options?: Abortable): Promise<number> {
    if (!this.#lost) await this.#exits.wait(options)
    return this.#child.returncode!
  }

  // ---- what happens

  /** @internal */
  _begin(waiter: Future<void>): void {
    this.#call('connectionMade', this)
    if (!waiter.done()) waiter.setResult()
  }

  /** @internal */
  _pipeDataReceived(fd: number, data: Buffer): void {
    this.#call('pipeDataReceived', fd, data)
  }

  /** @internal */
  _pipeConnectionLost(fd: number, exception: Error | null): void {
    this.#call('pipeConnectionLost', fd, exception)
    this.#proceed()
  }

  /** What it wrote before it ended is in the pipes by now: that comes first. */
  #exited(returncode: number): void {
    this.#child.returncode = returncode
    for (const pipe of this.#pipes.values()) pipe.drain()
    this.#stdio.release()
    this.#proceed()
  }

  #proceed(): void {
    if (this.#child.returncode === null) return
    const pipes = [...this.#pipes.values()]
    if (!this.#exitReported && pipes.every((pipe) => pipe.isDrained)) {
      this.#exitReported = true
      this.#call('processExited')
    }
    if (!this.#exitReported || this.#finished || !pipes.every((pipe) => pipe.disconnected)) return
    this.#finished = true
    this.#loop.callSoon(callConnectionLost, this)
  }

  /** @internal */
  _callConnectionLost(): void {
    this.#lost = true
    this.#closing = true
    this.#loop._children.delete(this)
    try {
      this.#call('connectionLost', null)
    } finally {
      this.#exits.release()
    }
  }

  /** An error of the protocol is reported, and ends nothing: the child goes on, and so do its other streams. */
  #call<M extends keyof SubprocessProtocol>(method: M, ...args: Parameters<NonNullable<SubprocessProtocol[M]>>): void {
    try {
      ;(this.#protocol[method] as ((...args: unknown[]) => void) | undefined)?.apply(this.#protocol, args)
    } catch (exception) {
      this.#loop.callExceptionHandler({
        message: `protocol.${method}() failed`,
        exception: exception as Error,
        transport: this,
        protocol: this.#protocol,
      })
    }
  }

  /** @internal the loop is closed, which has closed the pipes: a child that still runs is killed */
  _release(): void {
    this.#closing = true
    this.#loop._children.delete(this)
    this.#watch.close()
    this.#stdio.release()
    if (this.#child.returncode === null) abandonChild(this.#processes, this.#child.pid)
  }

  [inspect.custom](): string {
    const { pid, returncode } = this.#child
    const state = returncode === null ? 'running' : `returncode=${returncode}`
    const pipes = [...this.#pipes.keys()].map((fd) => ['stdin', 'stdout', 'stderr'][fd])
    return `<${[this.constructor.name, `pid=${pid}`, state, ...pipes].join(' ')}>`
  }
}

function begin(transport: UnixSubprocessTransport, waiter: Future<void>): void {
  transport._begin(waiter)
}

function callConnectionLost(transport: UnixSubprocessTransport): void {
  transport._callConnectionLost()
}

export function mustBeProtocol(protocol: unknown): asserts protocol is object {
  if (typeof protocol === 'object' && protocol !== null) return
  throw new TypeError(`A protocol must be an object, not ${inspect(protocol)}`)
}
