import type { FileHandle } from 'node:fs/promises'
import type { Address, InetAddress } from '../backend/contract.js'
import type { AddrInfo } from '../dns/addr_info.js'
import { NotImplementedError } from '../errors/index.js'
import type { Executor } from '../executors/executor.js'
import type { JobFunction, ModuleFunction, SelfContained } from '../executors/job_function.js'
import type { Future } from '../futures/future.js'
import type { Unretrieved } from '../futures/unretrieved.js'
import type { Socket } from '../sockets/socket.js'
import type { Abortable } from '../tasks/abortable.js'
import type { Coroutine, Task, TaskOptions } from '../tasks/task.js'
import type { ThreadHandle } from '../threads/thread_handle.js'
import type { BaseProtocol, DatagramProtocol, StreamingProtocol, SubprocessProtocol } from '../transports/protocols.js'
import type { Server } from '../transports/server.js'
import type {
  BaseTransport,
  Data,
  DatagramTransport,
  ReadTransport,
  SubprocessTransport,
  Transport,
  WriteTransport,
} from '../transports/transport.js'
import type { Feature } from './features.js'
import type { Handle } from './handle.js'
import type * as o from './options.js'
import type { TimerHandle } from './timer_handle.js'

/** Something with a descriptor: its number, Python's `fileno()`, or Node's `fd`. */
export type FdLike = number | { fileno(): number } | { readonly fd: number }
/** A file: its descriptor, its path, or a `FileHandle` of `node:fs/promises`. */
export type FileLike = FdLike | string | URL | FileHandle
/** What can be awaited: a future, a promise, or an async function, which becomes a task of its own. */
export type Awaitable<T> = Future<T> | PromiseLike<T> | (() => PromiseLike<T>)

/** What the exception handler is told. asyncio: the `context` of `call_exception_handler`. */
export interface ExceptionContext {
  message: string
  exception?: Error | undefined
  future?: Future<unknown> | undefined
  task?: Task<unknown> | undefined
  handle?: Handle | undefined
  protocol?: BaseProtocol | undefined
  transport?: BaseTransport | undefined
  socket?: unknown
  asyncgen?: unknown
}

export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void
export type TaskFactory = <T>(loop: EventLoop, coro: Coroutine<T>, options: TaskOptions) => Future<T>

/**
 * The contract of every event loop. Every method throws `NotImplementedError` here, so who writes a loop of their own
 * overrides what it can do; `SelectorEventLoop` and `ProactorEventLoop` are the loops that get made.
 * asyncio: `AbstractEventLoop`.
 */
export abstract class EventLoop {
  /** Debug mode: a callback that takes longer than this many milliseconds is reported. */
  slowCallbackDuration = 100

  runForever(): Promise<void> {
    return this.#missing('runForever')
  }
  runUntilComplete<T>(_aw: Awaitable<T>): Promise<T> {
    return this.#missing('runUntilComplete')
  }
  stop(): void {
    this.#missing('stop')
  }
  isRunning(): boolean {
    return this.#missing('isRunning')
  }
  isClosed(): boolean {
    return this.#missing('isClosed')
  }
  close(): void {
    this.#missing('close')
  }
  shutdownAsyncgens(): Promise<void> {
    return this.#missing('shutdownAsyncgens')
  }
  /**
   * Takes no more jobs for the default executor and waits until its threads are gone.
   * @param timeout milliseconds after which it warns, ends what still runs and waits no longer; `null` for no limit
   *
   * asyncio: `shutdown_default_executor`.
   */
  shutdownDefaultExecutor(_timeout?: number | null): Promise<void> {
    return this.#missing('shutdownDefaultExecutor')
  }

  callSoon<A extends unknown[]>(_callback: (...args: A) => void, ..._args: A): Handle {
    return this.#missing('callSoon')
  }
  callSoonThreadsafe<A extends unknown[]>(_callback: (...args: A) => void, ..._args: A): Handle {
    return this.#missing('callSoonThreadsafe')
  }
  callLater<A extends unknown[]>(_delay: number, _callback: (...args: A) => void, ..._args: A): TimerHandle {
    return this.#missing('callLater')
  }
  callAt<A extends unknown[]>(_when: number, _callback: (...args: A) => void, ..._args: A): TimerHandle {
    return this.#missing('callAt')
  }
  time(): number {
    return this.#missing('time')
  }

  createFuture<T>(): Future<T> {
    return this.#missing('createFuture')
  }
  createTask<T>(_coro: Coroutine<T>, _options?: TaskOptions): Task<T> {
    return this.#missing('createTask')
  }
  setTaskFactory(_factory: TaskFactory | null): void {
    this.#missing('setTaskFactory')
  }
  getTaskFactory(): TaskFactory | null {
    return this.#missing('getTaskFactory')
  }

  createConnection<P extends StreamingProtocol>(
    _protocolFactory: () => P,
    _options: o.ConnectionOptions,
  ): Promise<[Transport, P]> {
    return this.#missing('createConnection')
  }
  createServer(_protocolFactory: () => StreamingProtocol, _options: o.ServerOptions): Promise<Server> {
    return this.#missing('createServer')
  }
  createUnixConnection<P extends StreamingProtocol>(
    _protocolFactory: () => P,
    _options: o.UnixConnectionOptions,
  ): Promise<[Transport, P]> {
    return this.#missing('createUnixConnection')
  }
  createUnixServer(_protocolFactory: () => StreamingProtocol, _options: o.UnixServerOptions): Promise<Server> {
    return this.#missing('createUnixServer')
  }
  createDatagramEndpoint<P extends DatagramProtocol>(
    _protocolFactory: () => P,
    _options: o.DatagramEndpointOptions,
  ): Promise<[DatagramTransport, P]> {
    return this.#missing('createDatagramEndpoint')
  }
  connectAcceptedSocket<P extends StreamingProtocol>(
    _protocolFactory: () => P,
    _sock: Socket,
    _options?: o.AcceptedSocketOptions,
  ): Promise<[Transport, P]> {
    return this.#missing('connectAcceptedSocket')
  }
  connectReadPipe<P extends StreamingProtocol<ReadTransport>>(
    _protocolFactory: () => P,
    _pipe: FileLike,
    _options?: Abortable,
  ): Promise<[ReadTransport, P]> {
    return this.#missing('connectReadPipe')
  }
  connectWritePipe<P extends BaseProtocol<WriteTransport>>(
    _protocolFactory: () => P,
    _pipe: FileLike,
    _options?: Abortable,
  ): Promise<[WriteTransport, P]> {
    return this.#missing('connectWritePipe')
  }
  startTls(
    _transport: BaseTransport,
    _protocol: StreamingProtocol,
    _ssl: o.TlsOption,
    _options?: o.StartTlsOptions,
  ): Promise<Transport> {
    return this.#missing('startTls')
  }
  sendfile(_transport: BaseTransport, _file: FileLike, _options?: o.SendfileOptions): Promise<number> {
    return this.#missing('sendfile')
  }
  subprocessExec<P extends SubprocessProtocol>(
    _protocolFactory: () => P,
    _args: [string, ...string[]],
    _options?: object,
  ): Promise<[SubprocessTransport, P]> {
    return this.#missing('subprocessExec')
  }
  subprocessShell<P extends SubprocessProtocol>(
    _protocolFactory: () => P,
    _cmd: string,
    _options?: object,
  ): Promise<[SubprocessTransport, P]> {
    return this.#missing('subprocessShell')
  }

  addReader<A extends unknown[]>(_fd: FdLike, _callback: (...args: A) => void, ..._args: A): void {
    this.#missing('addReader')
  }
  removeReader(_fd: FdLike): boolean {
    return this.#missing('removeReader')
  }
  addWriter<A extends unknown[]>(_fd: FdLike, _callback: (...args: A) => void, ..._args: A): void {
    this.#missing('addWriter')
  }
  removeWriter(_fd: FdLike): boolean {
    return this.#missing('removeWriter')
  }

  sockRecv(_sock: Socket, _nbytes: number, _options?: Abortable): Promise<Buffer> {
    return this.#missing('sockRecv')
  }
  sockRecvInto(_sock: Socket, _buffer: Uint8Array, _options?: Abortable): Promise<number> {
    return this.#missing('sockRecvInto')
  }
  sockRecvfrom(_sock: Socket, _bufsize: number, _options?: Abortable): Promise<[Buffer, Address]> {
    return this.#missing('sockRecvfrom')
  }
  sockRecvfromInto(
    _sock: Socket,
    _buffer: Uint8Array,
    _nbytes?: number,
    _options?: Abortable,
  ): Promise<[number, Address]> {
    return this.#missing('sockRecvfromInto')
  }
  sockSendall(_sock: Socket, _data: Data, _options?: Abortable): Promise<void> {
    return this.#missing('sockSendall')
  }
  sockSendto(_sock: Socket, _data: Data, _address: Address, _options?: Abortable): Promise<number> {
    return this.#missing('sockSendto')
  }
  sockConnect(_sock: Socket, _address: Address, _options?: Abortable): Promise<void> {
    return this.#missing('sockConnect')
  }
  sockAccept(_sock: Socket, _options?: Abortable): Promise<[Socket, Address]> {
    return this.#missing('sockAccept')
  }
  sockSendfile(_sock: Socket, _file: FileLike, _options?: o.SendfileOptions): Promise<number> {
    return this.#missing('sockSendfile')
  }
  getaddrinfo(
    _host: string | Buffer | null,
    _port: number | string | Buffer | null,
    _options?: o.ResolverHints & Abortable,
  ): Promise<AddrInfo[]> {
    return this.#missing('getaddrinfo')
  }
  getnameinfo(_sockaddr: InetAddress, _flags?: number): Promise<[string, string]> {
    return this.#missing('getnameinfo')
  }

  /**
   * Has an executor run `fn` with `args`, off the loop's thread.
   * @param executor `null` for the default one: threads called `asyncio_N`, started when first needed
   * @param fn a self-contained function, or `{ module, name }` of an exported one; see `toThread`
   * @returns a future of the result; cancelling it cancels the job
   * @throws TypeError at the call if the function or an argument cannot cross; LoopError `ERR_LOOP_CLOSED`,
   *   `ERR_EXECUTOR_SHUTDOWN`
   *
   * asyncio: `run_in_executor`.
   */
  runInExecutor<A extends unknown[], T>(
    _executor: Executor | null,
    _fn: ((...args: A) => T) | SelfContained<A, T>,
    ..._args: A
  ): Future<Awaited<T>>
  runInExecutor<T>(
    _executor: Executor | null,
    _fn: ((...args: any[]) => T | PromiseLike<T>) | ModuleFunction,
    ..._args: unknown[]
  ): Future<T>
  runInExecutor<T>(_executor: Executor | null, _fn: JobFunction, ..._args: unknown[]): Future<T> {
    return this.#missing('runInExecutor')
  }
  /**
   * What `runInExecutor(null, ...)` and `toThread` use from now on. The loop shuts it down when it closes.
   * @throws TypeError for what is no executor
   */
  setDefaultExecutor(_executor: Executor): void {
    this.#missing('setDefaultExecutor')
  }
  /**
   * A way into this loop for one other thread, to be transferred to it: `new RemoteLoop(handle)` there posts work here.
   * It keeps nothing alive.
   * @throws LoopError `ERR_LOOP_CLOSED`
   */
  threadHandle(): ThreadHandle {
    return this.#missing('threadHandle')
  }

  addSignalHandler<A extends unknown[]>(
    _signal: NodeJS.Signals | number,
    _callback: (...args: A) => void,
    ..._args: A
  ): void {
    this.#missing('addSignalHandler')
  }
  removeSignalHandler(_signal: NodeJS.Signals | number): boolean {
    return this.#missing('removeSignalHandler')
  }

  setExceptionHandler(_handler: ExceptionHandler | null): void {
    this.#missing('setExceptionHandler')
  }
  getExceptionHandler(): ExceptionHandler | null {
    return this.#missing('getExceptionHandler')
  }
  defaultExceptionHandler(_context: ExceptionContext): void {
    this.#missing('defaultExceptionHandler')
  }
  callExceptionHandler(_context: ExceptionContext): void {
    this.#missing('callExceptionHandler')
  }
  getDebug(): boolean {
    return this.#missing('getDebug')
  }
  setDebug(_on: boolean): void {
    this.#missing('setDebug')
  }

  /** Whether this loop can do `feature` here; what it cannot do throws `NotImplementedError`. */
  supports(_feature: Feature): boolean {
    return this.#missing('supports')
  }
  /** What it runs on. */
  get backend(): LoopBackend {
    return this.#missing('backend')
  }

  // ---- what futures, tasks and timers of this library ask of their loop; BaseEventLoop has quicker ways for all of it

  /** @internal the tasks that are not done: held strongly until they end */ readonly _tasks = new Set<Task<unknown>>()
  /** @internal errors that nobody has looked at */ readonly _unretrieved = new Set<Unretrieved>()

  /** @internal has a handle of this library take its turn */
  _enqueue(handle: Handle): void {
    this.callSoon(() => handle._run())
  }
  /** @internal the running handle resumes awaiting code; where each callback is a task of the host's, that needs no care */
  _endSlice(): void {}
  /** @internal a timer was cancelled before its time */
  _timerCancelled(): void {}

  /** Disposing a loop closes it. */
  [Symbol.dispose](): void {
    this.close()
  }

  #missing(method: string): never {
    throw new NotImplementedError(`${method}()`, this.constructor.name, 'the class does not override it')
  }
}

/** What a loop runs on. */
export interface LoopBackend {
  /** The mechanism: `'epoll'`, `'poll'`, `'select'`, ... */
  readonly name: string
  readonly kind: 'selector' | 'proactor'
  readonly package: string
  /** How it rides on the host: `'uv'` or `'thread'`. */
  readonly driver: string
}
