import { NotImplementedError } from '../errors/index.js'
import type { Unretrieved } from '../futures/unretrieved.js'
import type { Task } from '../tasks/task.js'
import type { Connections } from './contract/connections.js'
import type { Descriptors } from './contract/descriptors.js'
import type { Processes } from './contract/processes.js'
import type { LoopBackend, Reporting } from './contract/reporting.js'
import type { Running } from './contract/running.js'
import type { Scheduling } from './contract/scheduling.js'
import type { Threads } from './contract/threads.js'
import type { Handle } from './handle.js'

export type { Awaitable, FdLike, FileLike } from './contract/awaitable.js'
export type { ExceptionContext, ExceptionHandler, LoopBackend } from './contract/reporting.js'
export type { TaskFactory } from './contract/scheduling.js'

/** What a loop does; a file for each concern in `contract/`. */
interface Contract extends Running, Scheduling, Threads, Connections, Processes, Descriptors, Reporting {}

// The class has the methods of its contract, see below; written out as methods that throw, they would say everything twice.
export interface EventLoop extends Contract {}

/** `postMessage` refuses what holds a function, and says its text: a loop, and futures, tasks and handles that hold one. */
function anEventLoopStaysInItsThread(): void {}

/**
 * The contract of every event loop. Every method throws `NotImplementedError` here, so who writes a loop of their own
 * overrides what it can do; `SelectorEventLoop` and `ProactorEventLoop` are the loops that get made.
 * asyncio: `AbstractEventLoop`.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are defined below, and the compiler checks that none is missing
export abstract class EventLoop {
  /** @internal without it a clone of a loop, which has no methods, could be posted to another thread */
  readonly _staysInItsThread = anEventLoopStaysInItsThread
  /** Debug mode: a callback that takes longer than this many milliseconds is reported. */
  slowCallbackDuration = 100

  /** What it runs on. */
  get backend(): LoopBackend {
    return missing(this, 'backend')
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
}

function missing(loop: EventLoop, method: string): never {
  throw new NotImplementedError(`${method}()`, loop.constructor.name, 'the class does not override it')
}

/** In an object, so that the compiler misses the one that was forgotten. */
const contract: Readonly<Record<keyof Contract, true>> = {
  runForever: true,
  runUntilComplete: true,
  stop: true,
  isRunning: true,
  isClosed: true,
  close: true,
  shutdownAsyncgens: true,
  shutdownDefaultExecutor: true,
  callSoon: true,
  callSoonThreadsafe: true,
  callLater: true,
  callAt: true,
  time: true,
  createFuture: true,
  createTask: true,
  setTaskFactory: true,
  getTaskFactory: true,
  runInExecutor: true,
  setDefaultExecutor: true,
  threadHandle: true,
  createConnection: true,
  createServer: true,
  createUnixConnection: true,
  createUnixServer: true,
  createDatagramEndpoint: true,
  connectAcceptedSocket: true,
  startTls: true,
  sendfile: true,
  connectReadPipe: true,
  connectWritePipe: true,
  subprocessExec: true,
  subprocessShell: true,
  addSignalHandler: true,
  removeSignalHandler: true,
  addReader: true,
  removeReader: true,
  addWriter: true,
  removeWriter: true,
  sockRecv: true,
  sockRecvInto: true,
  sockRecvfrom: true,
  sockRecvfromInto: true,
  sockSendall: true,
  sockSendto: true,
  sockConnect: true,
  sockAccept: true,
  sockSendfile: true,
  getaddrinfo: true,
  getnameinfo: true,
  setExceptionHandler: true,
  getExceptionHandler: true,
  defaultExceptionHandler: true,
  callExceptionHandler: true,
  getDebug: true,
  setDebug: true,
  supports: true,
}

for (const method of Object.keys(contract)) {
  Object.defineProperty(EventLoop.prototype, method, {
    value(this: EventLoop): never {
      return missing(this, method)
    },
    writable: true,
    configurable: true,
  })
}
