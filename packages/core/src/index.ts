/**
 * Python's asyncio for TypeScript, as a guest of Node's own event loop. Below is everything there is, by chapter; the guides say where
 * to begin.
 *
 * @packageDocumentation
 */

export type {
  Address,
  AncillaryData,
  Backend,
  InetAddress,
  PacketAddress,
  ProactorBackend,
  ReceivedAncillaryData,
  SelectorBackend,
  VsockAddress,
} from './backend/contract.js'
export { EVENT_READ, EVENT_WRITE } from './backend/contract.js'
export { Context, ContextVar, copyContext } from './context/context.js'
export { DatagramEndpoint } from './datagrams/datagram_endpoint.js'
export type { ReceivedDatagram } from './datagrams/endpoint_protocol.js'
export { openDatagramEndpoint, type ReceiveQueue } from './datagrams/open_datagram_endpoint.js'
export type { AddrInfo } from './dns/addr_info.js'
export * from './errors/index.js'
export type { Executor, FunctionJob, Job, ModuleJob, ShutdownOptions } from './executors/executor.js'
export type { JobFunction, ModuleFunction, SelfContained } from './executors/job_function.js'
export { ThreadPoolExecutor, type ThreadPoolExecutorOptions } from './executors/thread_pool_executor.js'
export { toThread } from './executors/to_thread.js'
export { Future, isFuture as isfuture } from './futures/future.js'
export { futureAddToAwaitedBy, futureDiscardFromAwaitedBy } from './introspection/awaited_by.js'
export { FrameCallGraphEntry } from './introspection/call_frame.js'
export { type CallGraphOptions, captureCallGraph, FutureCallGraph } from './introspection/call_graph.js'
export { formatCallGraph, printCallGraph, type TextOutput } from './introspection/format_call_graph.js'
export { type IntrospectionServer, serveIntrospection } from './introspection/serve.js'
export type { LoopEntry, TaskEntry, TaskTable } from './introspection/task_table.js'
export { BaseEventLoop } from './loop/base_event_loop.js'
export { getEventLoopPolicy } from './loop/current_policy.js'
export type {
  Awaitable,
  ExceptionContext,
  ExceptionHandler,
  FdLike,
  FileLike,
  LoopBackend,
  TaskFactory,
} from './loop/event_loop.js'
export { EventLoop } from './loop/event_loop.js'
export { type Feature, features } from './loop/features.js'
export { Handle } from './loop/handle.js'
export { newEventLoop } from './loop/new_event_loop.js'
export type * from './loop/options.js'
export {
  DefaultEventLoopPolicy,
  EventLoopPolicy,
  getChildWatcher,
  getEventLoop,
  setChildWatcher,
  setEventLoop,
  setEventLoopPolicy,
  WindowsProactorEventLoopPolicy,
  WindowsSelectorEventLoopPolicy,
} from './loop/policy.js'
export { ProactorEventLoop } from './loop/proactor_event_loop.js'
export { _getRunningLoop, _setRunningLoop, getRunningLoop } from './loop/running.js'
export { SelectorEventLoop } from './loop/selector_event_loop.js'
export { TimerHandle } from './loop/timer_handle.js'
export { openpty, type PseudoTerminal, pipe } from './pipes/open_pipe.js'
export { IocpProactor } from './proactor/iocp_proactor.js'
export { PipeHandle } from './proactor/pipe_handle.js'
export { PipeServer } from './proactor/pipe_server.js'
export { Proactor } from './proactor/proactor.js'
export type { Items } from './queues/items.js'
export { LifoQueue } from './queues/lifo_queue.js'
export { type Comparator, PriorityQueue } from './queues/priority_queue.js'
export { Queue } from './queues/queue.js'
export { run } from './runners/run.js'
export { Runner, type RunnerOptions } from './runners/runner.js'
export { Selector } from './selectors/selector.js'
export type { SelectorKey } from './selectors/selector_key.js'
export type { SelectorMap } from './selectors/selector_map.js'
export {
  AfdSelector,
  DefaultSelector,
  EpollSelector,
  KqueueSelector,
  PollSelector,
  SelectSelector,
} from './selectors/selectors.js'
export { constants } from './sockets/constants.js'
export { FileDescriptor } from './sockets/file_descriptor.js'
export type { GroupOptions, Interface } from './sockets/multicast.js'
export type { OptionName, OptionValue } from './sockets/options.js'
export type { PeerCredentials } from './sockets/peer_credentials.js'
export { type ReceivedDescriptors, recvFds, sendFds } from './sockets/rights.js'
export { type Message, Socket, type SocketOptions, socketpair } from './sockets/socket.js'
export { TransportSocket } from './sockets/transport_socket.js'
export { openConnection, openUnixConnection, type StreamLimit } from './streams/open_connection.js'
export type { Separator } from './streams/separators.js'
export { startServer, startUnixServer } from './streams/start_server.js'
export { type ClientConnected, StreamReaderProtocol } from './streams/stream_protocol.js'
export { StreamReader } from './streams/stream_reader.js'
export { StreamServer } from './streams/stream_server.js'
export { StreamWriter } from './streams/stream_writer.js'
export type { ChildProcess } from './subprocess/base_subprocess_transport.js'
export {
  AbstractChildWatcher,
  type ChildCallback,
  PidfdChildWatcher,
  ThreadedChildWatcher,
} from './subprocess/child_watcher.js'
export { createSubprocessExec, createSubprocessShell } from './subprocess/create_subprocess.js'
export {
  DEVNULL,
  PIPE,
  type ProcessOptions,
  STDOUT,
  type Stdio,
  type SubprocessOptions,
  type TerminalSize,
} from './subprocess/options.js'
export { Process } from './subprocess/process.js'
export { SubprocessStreamProtocol } from './subprocess/subprocess_stream_protocol.js'
export { Barrier } from './sync/barrier.js'
export { BoundedSemaphore } from './sync/bounded_semaphore.js'
export { Condition } from './sync/condition.js'
export { Event } from './sync/event.js'
export { Lock } from './sync/lock.js'
export { Semaphore } from './sync/semaphore.js'
export type { Abortable } from './tasks/abortable.js'
export { asCompleted } from './tasks/as_completed.js'
export { allTasks, createTask, currentTask } from './tasks/current_task.js'
export { createEagerTaskFactory, eagerTaskFactory, type TaskConstructor } from './tasks/eager.js'
export { ensureFuture, wrapFuture } from './tasks/ensure_future.js'
export { gather, type Outcome } from './tasks/gather.js'
export { iscoroutinefunction } from './tasks/is_coroutine_function.js'
export { shield } from './tasks/shield.js'
export { sleep } from './tasks/sleep.js'
export { type Coroutine, Task, type TaskOptions } from './tasks/task.js'
export { TaskGroup } from './tasks/task_group.js'
export { Timeout, timeout, timeoutAt } from './tasks/timeout.js'
export {
  ALL_COMPLETED,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type ReturnWhen,
  type WaitOptions,
  type WaitResult,
  wait,
} from './tasks/wait.js'
export { waitFor } from './tasks/wait_for.js'
export { RemoteCall } from './threads/remote_call.js'
export { RemoteLoop } from './threads/remote_loop.js'
export { runCoroutineThreadsafe } from './threads/run_coroutine_threadsafe.js'
export { ThreadFuture } from './threads/thread_future.js'
export type { ThreadHandle } from './threads/thread_handle.js'
export { createTlsContext, TlsContext, type TlsContextOptions } from './tls/tls_context.js'
export { TlsTransport } from './tls/tls_transport.js'
export { AbstractServer } from './transports/abstract_server.js'
export type { ExtraInfo } from './transports/extra_info.js'
export { FlowControlledTransport } from './transports/flow_control.js'
export type { PacketInfo } from './transports/packet_info.js'
export type * from './transports/protocols.js'
export { Server } from './transports/server.js'
export * from './transports/transport.js'
