import type { FileHandle } from 'node:fs/promises'
import { expectTypeOf, test } from 'vitest'
import type {
  Abortable,
  AcceptedSocketOptions,
  Address,
  AddrInfo,
  Awaitable,
  ConnectionOptions,
  Data,
  EventLoop,
  ExceptionContext,
  ExceptionHandler,
  FdLike,
  Feature,
  FileLike,
  Future,
  features,
  Handle,
  InetAddress,
  LoopBackend,
  ReadTransport,
  ResolverHints,
  SendfileOptions,
  Server,
  ServerOptions,
  Socket,
  StartTlsOptions,
  Task,
  TaskFactory,
  TaskOptions,
  TimerHandle,
  TlsContext,
  TlsContextOptions,
  TlsOption,
  TlsTimeouts,
  Transport,
  UnixConnectionOptions,
  UnixServerOptions,
  WriteTransport,
} from '../../src/index.js'

declare const loop: EventLoop
declare const sock: Socket
declare const file: FileHandle

test('running and stopping', () => {
  expectTypeOf(loop.runForever()).toEqualTypeOf<Promise<void>>()
  expectTypeOf(loop.runUntilComplete(async () => 1)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(loop.runUntilComplete(null as unknown as Task<string>)).toEqualTypeOf<Promise<string>>()
  expectTypeOf(loop.stop()).toEqualTypeOf<void>()
  expectTypeOf(loop.isRunning()).toEqualTypeOf<boolean>()
  expectTypeOf(loop.isClosed()).toEqualTypeOf<boolean>()
  expectTypeOf(loop.close()).toEqualTypeOf<void>()
  expectTypeOf(loop).toExtend<Disposable>()
  expectTypeOf(loop.shutdownAsyncgens()).toEqualTypeOf<Promise<void>>()
  expectTypeOf(loop.shutdownDefaultExecutor(1000)).toEqualTypeOf<Promise<void>>()
})

test('callbacks take the arguments that follow them', () => {
  const callback = (_name: string, _times: number) => {}
  expectTypeOf(loop.callSoon(callback, 'a', 1)).toEqualTypeOf<Handle>()
  expectTypeOf(loop.callSoonThreadsafe(callback, 'a', 1)).toEqualTypeOf<Handle>()
  expectTypeOf(loop.callLater(10, callback, 'a', 1)).toEqualTypeOf<TimerHandle>()
  expectTypeOf(loop.callAt(10, callback, 'a', 1)).toEqualTypeOf<TimerHandle>()
  expectTypeOf(loop.addReader(1, callback, 'a', 1)).toEqualTypeOf<void>()
  expectTypeOf(loop.addWriter(sock, callback, 'a', 1)).toEqualTypeOf<void>()
  expectTypeOf(loop.addSignalHandler('SIGTERM', callback, 'a', 1)).toEqualTypeOf<void>()
  // @ts-expect-error an argument is missing
  loop.callSoon(callback, 'a')
  // @ts-expect-error an argument of another type
  loop.callLater(10, callback, 1, 1)
  // @ts-expect-error no signal
  loop.addSignalHandler('SIGNOTHING', callback, 'a', 1)
  expectTypeOf(loop.removeReader(file)).toEqualTypeOf<boolean>()
  expectTypeOf(loop.removeWriter(1)).toEqualTypeOf<boolean>()
  expectTypeOf(loop.removeSignalHandler('SIGTERM')).toEqualTypeOf<boolean>()
  expectTypeOf(loop.time()).toEqualTypeOf<number>()
})

test('handles', () => {
  expectTypeOf<Handle['cancel']>().toEqualTypeOf<() => void>()
  expectTypeOf<Handle['cancelled']>().toEqualTypeOf<() => boolean>()
  expectTypeOf<TimerHandle>().toExtend<Handle>()
  expectTypeOf<TimerHandle['when']>().toEqualTypeOf<() => number>()
})

test('futures and tasks', () => {
  expectTypeOf(loop.createFuture<number>()).toEqualTypeOf<Future<number>>()
  expectTypeOf(loop.createTask(async () => 1)).toEqualTypeOf<Task<number>>()
  expectTypeOf(loop.createTask(async () => 1, { name: 'x', eagerStart: true })).toEqualTypeOf<Task<number>>()
  expectTypeOf(loop.createTask).parameter(1).toEqualTypeOf<TaskOptions | undefined>()
  // @ts-expect-error a coroutine is a function, not its promise
  loop.createTask(Promise.resolve(1))
  expectTypeOf(loop.setTaskFactory).parameters.toEqualTypeOf<[TaskFactory | null]>()
  expectTypeOf(loop.getTaskFactory()).toEqualTypeOf<TaskFactory | null>()
})

test('connections infer their protocol', async () => {
  class Echo {
    dataReceived(_data: Buffer): void {}
    readonly own = 42
  }
  expectTypeOf(await loop.createConnection(() => new Echo(), { host: 'a', port: 1 })).toEqualTypeOf<[Transport, Echo]>()
  expectTypeOf(await loop.createUnixConnection(() => new Echo(), { path: 'a' })).toEqualTypeOf<[Transport, Echo]>()
  expectTypeOf(await loop.connectAcceptedSocket(() => new Echo(), sock)).toEqualTypeOf<[Transport, Echo]>()
  expectTypeOf(await loop.connectReadPipe(() => new Echo(), file)).toEqualTypeOf<[ReadTransport, Echo]>()
  class Feeder {
    connectionMade(_pipe: WriteTransport): void {}
  }
  expectTypeOf(await loop.connectWritePipe(() => new Feeder(), file)).toEqualTypeOf<[WriteTransport, Feeder]>()
  expectTypeOf(await loop.createServer(() => new Echo(), { port: 1 })).toEqualTypeOf<Server>()
  expectTypeOf(await loop.createUnixServer(() => new Echo(), { path: 'a' })).toEqualTypeOf<Server>()
  expectTypeOf(await loop.startTls({} as Transport, new Echo(), true)).toEqualTypeOf<Transport>()

  class Stranger {
    somethingElse(): void {}
  }
  // @ts-expect-error no method of a protocol
  loop.createConnection(() => new Stranger(), { port: 1 })
  // @ts-expect-error the protocol itself is no factory
  loop.createServer(new Echo(), { port: 1 })
})

test('options of connections and servers', () => {
  expectTypeOf(loop.createConnection).parameter(1).toEqualTypeOf<ConnectionOptions>()
  expectTypeOf(loop.createServer).parameter(1).toEqualTypeOf<ServerOptions>()
  expectTypeOf(loop.createUnixConnection).parameter(1).toEqualTypeOf<UnixConnectionOptions>()
  expectTypeOf(loop.createUnixServer).parameter(1).toEqualTypeOf<UnixServerOptions>()
  expectTypeOf(loop.connectAcceptedSocket).parameter(2).toEqualTypeOf<AcceptedSocketOptions | undefined>()
  expectTypeOf(loop.startTls).parameter(3).toEqualTypeOf<StartTlsOptions | undefined>()
  expectTypeOf(loop.sendfile).parameter(2).toEqualTypeOf<SendfileOptions | undefined>()
  type Names<T> = keyof T
  expectTypeOf<Names<ConnectionOptions>>().toEqualTypeOf<
    | 'host'
    | 'port'
    | 'ssl'
    | 'family'
    | 'proto'
    | 'flags'
    | 'sock'
    | 'localAddr'
    | 'serverHostname'
    | 'signal'
    | 'sslHandshakeTimeout'
    | 'sslShutdownTimeout'
    | 'happyEyeballsDelay'
    | 'interleave'
    | 'allErrors'
  >()
  expectTypeOf<Names<ServerOptions>>().toEqualTypeOf<
    | 'host'
    | 'port'
    | 'family'
    | 'flags'
    | 'sock'
    | 'backlog'
    | 'ssl'
    | 'reuseAddress'
    | 'reusePort'
    | 'keepAlive'
    | 'sslHandshakeTimeout'
    | 'sslShutdownTimeout'
    | 'startServing'
    | 'signal'
  >()
  expectTypeOf<Names<UnixServerOptions>>().toEqualTypeOf<
    | 'path'
    | 'sock'
    | 'backlog'
    | 'ssl'
    | 'startServing'
    | 'cleanupSocket'
    | 'signal'
    | 'sslHandshakeTimeout'
    | 'sslShutdownTimeout'
  >()
  expectTypeOf<Names<UnixConnectionOptions>>().toEqualTypeOf<
    'path' | 'sock' | 'ssl' | 'serverHostname' | 'signal' | 'sslHandshakeTimeout' | 'sslShutdownTimeout'
  >()
  expectTypeOf<Names<AcceptedSocketOptions>>().toEqualTypeOf<'ssl' | 'signal' | keyof TlsTimeouts>()
  expectTypeOf<Names<StartTlsOptions>>().toEqualTypeOf<'serverSide' | 'serverHostname' | 'signal' | keyof TlsTimeouts>()
  expectTypeOf<Names<SendfileOptions>>().toEqualTypeOf<'offset' | 'count' | 'fallback' | 'signal'>()
  expectTypeOf<keyof TlsTimeouts>().toEqualTypeOf<'sslHandshakeTimeout' | 'sslShutdownTimeout'>()
  expectTypeOf<ServerOptions['host']>().toEqualTypeOf<string | readonly string[] | null | undefined>()
  expectTypeOf<ConnectionOptions['localAddr']>().toEqualTypeOf<InetAddress | null | undefined>()
  expectTypeOf<TlsOption>().toEqualTypeOf<boolean | TlsContext | TlsContextOptions | null>()
  expectTypeOf<Abortable>().toEqualTypeOf<{ signal?: AbortSignal | undefined }>()
})

test('raw sockets', () => {
  expectTypeOf(loop.sockRecv(sock, 10)).toEqualTypeOf<Promise<Buffer>>()
  expectTypeOf(loop.sockRecvInto(sock, new Uint8Array(4))).toEqualTypeOf<Promise<number>>()
  expectTypeOf(loop.sockRecvfrom(sock, 10)).toEqualTypeOf<Promise<[Buffer, Address]>>()
  expectTypeOf(loop.sockRecvfromInto(sock, new Uint8Array(4), 2)).toEqualTypeOf<Promise<[number, Address]>>()
  expectTypeOf(loop.sockSendall(sock, 'text')).toEqualTypeOf<Promise<void>>()
  expectTypeOf(loop.sockSendto(sock, 'text', { host: 'a', port: 1 })).toEqualTypeOf<Promise<number>>()
  expectTypeOf(loop.sockConnect(sock, { host: 'a', port: 1 })).toEqualTypeOf<Promise<void>>()
  expectTypeOf(loop.sockAccept(sock)).toEqualTypeOf<Promise<[Socket, Address]>>()
  expectTypeOf(loop.sockSendfile(sock, file)).toEqualTypeOf<Promise<number>>()
  expectTypeOf(loop.sendfile({} as Transport, 'path', { offset: 1 })).toEqualTypeOf<Promise<number>>()
  expectTypeOf(loop.sockRecv).parameter(2).toEqualTypeOf<Abortable | undefined>()
  expectTypeOf(loop.sockSendall).parameter(1).toEqualTypeOf<Data>()
})

test('names', () => {
  expectTypeOf(loop.getaddrinfo('a', 1, { family: 2 })).toEqualTypeOf<Promise<AddrInfo[]>>()
  expectTypeOf(loop.getaddrinfo).parameter(2).toEqualTypeOf<(ResolverHints & Abortable) | undefined>()
  expectTypeOf(loop.getnameinfo({ host: 'a', port: 1 })).toEqualTypeOf<Promise<[string, string]>>()
  expectTypeOf<AddrInfo['family']>().toEqualTypeOf<'IPv4' | 'IPv6'>()
  expectTypeOf<AddrInfo['address']>().toExtend<Address>()
})

test('errors and debug mode', () => {
  expectTypeOf(loop.setExceptionHandler).parameters.toEqualTypeOf<[ExceptionHandler | null]>()
  expectTypeOf(loop.getExceptionHandler()).toEqualTypeOf<ExceptionHandler | null>()
  expectTypeOf<ExceptionHandler>().toEqualTypeOf<(loop: EventLoop, context: ExceptionContext) => void>()
  expectTypeOf(loop.callExceptionHandler).parameters.toEqualTypeOf<[ExceptionContext]>()
  expectTypeOf(loop.defaultExceptionHandler).parameters.toEqualTypeOf<[ExceptionContext]>()
  expectTypeOf<ExceptionContext['message']>().toEqualTypeOf<string>()
  expectTypeOf<ExceptionContext['exception']>().toEqualTypeOf<Error | undefined>()
  expectTypeOf(loop.getDebug()).toEqualTypeOf<boolean>()
  expectTypeOf(loop.setDebug).parameters.toEqualTypeOf<[boolean]>()
  expectTypeOf(loop.slowCallbackDuration).toEqualTypeOf<number>()
})

test('what it supports', () => {
  expectTypeOf(loop.supports).toEqualTypeOf<(feature: Feature) => boolean>()
  expectTypeOf<Feature>().toEqualTypeOf<(typeof features)[number]>()
  expectTypeOf<'addReader' | 'unixSockets' | 'pipes' | 'subprocess' | 'datagram' | 'sendfile'>().toExtend<Feature>()
  // @ts-expect-error no such feature
  loop.supports('teleportation')
  expectTypeOf(loop.backend).toEqualTypeOf<LoopBackend>()
  expectTypeOf<LoopBackend['kind']>().toEqualTypeOf<'selector' | 'proactor'>()
})

test('what stands for descriptors, files and things to await', () => {
  expectTypeOf<number>().toExtend<FdLike>()
  expectTypeOf<{ fd: number }>().toExtend<FdLike>()
  expectTypeOf<Socket>().toExtend<FdLike>()
  expectTypeOf<string | URL | FileHandle | FdLike>().toExtend<FileLike>()
  expectTypeOf<Future<1> | Promise<1> | (() => Promise<1>)>().toExtend<Awaitable<1>>()
  expectTypeOf<1>().not.toExtend<Awaitable<1>>()
})
