/** `@loop/core`: Python's asyncio for TypeScript. This file is the table of contents. */
export { Context, ContextVar, copyContext } from './context/context.js';
export * from './errors/index.js';
export { Future, isFuture } from './futures/future.js';
export { BaseEventLoop } from './loop/base_event_loop.js';
export { EventLoop } from './loop/event_loop.js';
export type { Awaitable, ExceptionContext, ExceptionHandler, FdLike, FileLike, LoopBackend, TaskFactory } from './loop/event_loop.js';
export { type Feature, features } from './loop/features.js';
export { Handle } from './loop/handle.js';
export type * from './loop/options.js';
export { getRunningLoop } from './loop/running.js';
export { TimerHandle } from './loop/timer_handle.js';
export type { Abortable } from './tasks/abortable.js';
export { ensureFuture, wrapFuture } from './tasks/ensure_future.js';
export { sleep } from './tasks/sleep.js';
export { type Coroutine, Task, type TaskOptions } from './tasks/task.js';
export { AbstractServer } from './transports/abstract_server.js';
export type * from './transports/protocols.js';
export * from './transports/transport.js';
