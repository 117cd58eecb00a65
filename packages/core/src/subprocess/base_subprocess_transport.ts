import { inspect } from 'node:util'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { Waiters } from '../streams/waiters.js'
import type { Abortable } from '../tasks/abortable.js'
import { mustBeProtocol } from '../transports/flow_control.js'
import type { BaseProtocol, SubprocessProtocol } from '../transports/protocols.js'
import { type BaseTransport, SubprocessTransport } from '../transports/transport.js'
import type { SubprocessPipe } from './subprocess_pipe.js'

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
 * A child and its standard streams. The protocol is told of its output before its exit, and of the end of all of it last. How a
 * child is watched, and ended, is each platform's. asyncio: `BaseSubprocessTransport`.
 */
export abstract class BaseSubprocessTransport extends SubprocessTransport {
  protected readonly _loop: SocketEventLoop
  readonly #child: { pid: number; args: readonly string[]; returncode: number | null }
  /** By the child's descriptor. */
  protected readonly _pipes = new Map<number, SubprocessPipe>()
  readonly #exits: Waiters
  #protocol: SubprocessProtocol
  #closing = false
  #exitReported = false
  #finished = false
  #lost = false

  protected constructor(loop: SocketEventLoop, protocol: SubprocessProtocol, pid: number, args: readonly string[]) {
    super()
    this._loop = loop
    this.#protocol = protocol
    this.#child = { pid, args, returncode: null }
    this.#exits = new Waiters(loop)
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
    return this._pipes.get(fd)?.transport ?? null
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

  /** Closes the pipes, and kills a child that still runs. `connectionLost` follows when it has ended. */
  override close(): void {
    if (this.#closing) return
    this.#closing = true
    for (const pipe of this._pipes.values()) pipe.transport.close()
    if (this.#child.returncode === null) this.#tryTo(() => this.kill())
  }

  /** @internal for who asked by an AbortSignal, which has nobody to tell */
  _terminate(): void {
    if (this.#child.returncode === null) this.#tryTo(() => this.terminate())
  }

  #tryTo(end: () => void): void {
    try {
      end()
    } catch {
      // It has become another user's, whom this process may not kill.
    }
  }

  /** @throws `ESRCH` once it has ended */
  protected _mustRun(): void {
    if (this.#child.returncode === null) return
    throw systemError(-errno.ESRCH, 'kill', { message: `process ${this.#child.pid} has ended` })
  }

  /** @internal resolves when the child has ended and its pipes are closed: the return code */
  async _wait(options?: Abortable): Promise<number> {
    if (!this.#lost) await this.#exits.wait(options)
    return this.#child.returncode!
  }

  // ---- what happens

  /**
   * The last words of a constructor: `connectionMade` in the next pass, after the pipes' own beginning, and so before their first data.
   * @param waiter gets its result then
   */
  protected _beginSoon(waiter: Future<void>): void {
    this._loop._children.add(this)
    this._loop.callSoon(begin, this, waiter)
  }

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
    this._proceed()
  }

  /** What it wrote before it ended is in the pipes by now: that comes first. */
  protected _exited(returncode: number): void {
    this.#child.returncode = returncode
    for (const pipe of this._pipes.values()) pipe.drain()
    this._proceed()
  }

  /** Whether its exit was told. */
  protected get _exitReported(): boolean {
    return this.#exitReported
  }

  /** Tells of the exit once the output is told, and of the end of all of it. */
  protected _proceed(): void {
    if (this.#child.returncode === null) return
    const pipes = [...this._pipes.values()]
    if (!this.#exitReported && pipes.every((pipe) => pipe.isDrained)) {
      this.#exitReported = true
      this.#call('processExited')
    }
    if (!this.#exitReported || this.#finished || !pipes.every((pipe) => pipe.disconnected)) return
    this.#finished = true
    this._loop.callSoon(callConnectionLost, this)
  }

  /** @internal */
  _callConnectionLost(): void {
    this.#lost = true
    this.#closing = true
    this._loop._children.delete(this)
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
      this._loop.callExceptionHandler({
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
    this._loop._children.delete(this)
    this._abandon(this.#child.returncode === null)
  }

  /** Lets go of the child, which is killed if it still runs. */
  protected abstract _abandon(isRunning: boolean): void

  [inspect.custom](): string {
    const { pid, returncode } = this.#child
    const state = returncode === null ? 'running' : `returncode=${returncode}`
    const pipes = [...this._pipes.keys()].map((fd) => ['stdin', 'stdout', 'stderr'][fd])
    return `<${[this.constructor.name, `pid=${pid}`, state, ...pipes].join(' ')}>`
  }
}

function begin(transport: BaseSubprocessTransport, waiter: Future<void>): void {
  transport._begin(waiter)
}

function callConnectionLost(transport: BaseSubprocessTransport): void {
  transport._callConnectionLost()
}
