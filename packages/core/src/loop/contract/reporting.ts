import type { Future } from '../../futures/future.js'
import type { FrameCallGraphEntry } from '../../introspection/call_frame.js'
import type { Task } from '../../tasks/task.js'
import type { BaseProtocol } from '../../transports/protocols.js'
import type { BaseTransport } from '../../transports/transport.js'
import type { EventLoop } from '../event_loop.js'
import type { Feature } from '../features.js'
import type { Handle } from '../handle.js'

/** What the exception handler is told. asyncio: the `context` of `call_exception_handler`. */
export interface ExceptionContext {
  /** What went wrong, for people. */
  message: string
  /** The error, if there is one. */
  exception?: Error | undefined
  /** Whose error nobody looked at. */
  future?: Future<unknown> | undefined
  /** Whose code it happened in. */
  task?: Task<unknown> | undefined
  /** Whose callback threw. */
  handle?: Handle | undefined
  /** Whose method threw. */
  protocol?: BaseProtocol | undefined
  /** Where it happened. */
  transport?: BaseTransport | undefined
  /** The socket that it is about. */
  socket?: unknown
  /** There for parity. */
  asyncgen?: unknown
  /** In debug mode: where the task or handle was made, innermost first. */
  sourceTraceback?: readonly FrameCallGraphEntry[] | undefined
}

/** Hears of errors that nobody else handles. What it throws is reported in its place. */
export type ExceptionHandler = (loop: EventLoop, context: ExceptionContext) => void

/** What a loop runs on. */
export interface LoopBackend {
  /** The mechanism: `'epoll'`, `'poll'`, `'select'`, ... */
  readonly name: string
  /** Whether it waits for readiness or for completions. */
  readonly kind: 'selector' | 'proactor'
  /** The package it comes from. */
  readonly package: string
  /** How it rides on the host: `'uv'` or `'thread'`. */
  readonly driver: string
}

/** Errors, debug mode, and what the loop can do. */
export interface Reporting {
  /**
   * Who hears of errors that nobody else handles.
   * @param handler `null`: they are printed
   * @throws TypeError for anything else
   *
   * asyncio: `set_exception_handler`.
   */
  setExceptionHandler(handler: ExceptionHandler | null): void

  /** Who hears of them, or null. asyncio: `get_exception_handler`. */
  getExceptionHandler(): ExceptionHandler | null

  /** Prints the error with what is known of it, to standard error. asyncio: `default_exception_handler`. */
  defaultExceptionHandler(context: ExceptionContext): void

  /** Tells the exception handler. It never throws. asyncio: `call_exception_handler`. */
  callExceptionHandler(context: ExceptionContext): void

  /** Whether debug mode is on. asyncio: `get_debug`. */
  getDebug(): boolean

  /** Turns debug mode on or off; `LOOP_DEBUG=1` does so from the start. asyncio: `set_debug`. */
  setDebug(on: boolean): void

  /**
   * Whether this loop can do `feature` here. What it cannot do throws `NotImplementedError`, whose hint says what to use
   * instead.
   * @throws RangeError for what is no feature
   */
  supports(feature: Feature): boolean
}
