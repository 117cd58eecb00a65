import type { FileHandle } from 'node:fs/promises'
import { inspect } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import type { Address, InetAddress } from '../backend/contract.js'
import { captureContext } from '../context/context.js'
import type { AddrInfo } from '../dns/addr_info.js'
import { getaddrinfo } from '../dns/getaddrinfo.js'
import { getnameinfo } from '../dns/getnameinfo.js'
import { LoopError, NotImplementedError } from '../errors/index.js'
import { noteSchedule } from '../introspection/source.js'
import { SignalHandlers } from '../signals/signal_handlers.js'
import { descriptorOf } from '../sockets/descriptor.js'
import type { SentFile, Stretch } from '../sockets/sent_file.js'
import { sockConnect } from '../sockets/sock_connect.js'
import * as operations from '../sockets/sock_operations.js'
import { sockSendfile } from '../sockets/sock_sendfile.js'
import type { Socket } from '../sockets/socket.js'
import type { SubprocessOptions } from '../subprocess/options.js'
import { subprocessExec, subprocessShell } from '../subprocess/subprocess_exec.js'
import type { Abortable } from '../tasks/abortable.js'
import { startTls } from '../tls/start_tls.js'
import type { AbstractServer } from '../transports/abstract_server.js'
import type { Accepted, Listener } from '../transports/listener.js'
import type { BaseProtocol, DatagramProtocol, StreamingProtocol, SubprocessProtocol } from '../transports/protocols.js'
import { sendfile } from '../transports/sendfile.js'
import type { Server } from '../transports/server.js'
import type { StreamChannel } from '../transports/stream_channel.js'
import type { AnyStreamTransport } from '../transports/stream_transport.js'
import type {
  BaseTransport,
  Data,
  DatagramTransport,
  ReadTransport,
  SubprocessTransport,
  Transport,
  WriteTransport,
} from '../transports/transport.js'
import { BaseEventLoop } from './base_event_loop.js'
import { mustBeCallback } from './callback.js'
import type { Mechanism } from './capabilities.js'
import { connectReadPipe, connectWritePipe } from './connect_pipe.js'
import { connectAcceptedSocket, createConnection } from './create_connection.js'
import { createDatagramEndpoint } from './create_datagram_endpoint.js'
import { createServer } from './create_server.js'
import type { FdLike, FileLike } from './event_loop.js'
import type { Feature } from './features.js'
import { Handle } from './handle.js'
import type {
  AcceptedSocketOptions,
  ConnectionOptions,
  DatagramEndpointOptions,
  ResolverHints,
  SendfileOptions,
  ServerOptions,
  StartTlsOptions,
  TlsOption,
  UnixConnectionOptions,
  UnixServerOptions,
} from './options.js'
import { type Releasable, releaseLoop } from './release_loop.js'
import { supportHere } from './support_here.js'
import { createUnixConnection, createUnixServer } from './unix_endpoints.js'

/**
 * What the loops over the system's sockets share, whether they are told of readiness or of completions: descriptors and
 * who owns them, signals, names, connections, servers, children. How a loop waits for a descriptor, and how bytes come and
 * go, is the subclass's.
 */
export abstract class SocketEventLoop extends BaseEventLoop {
  /** @internal the live transport of a descriptor */ readonly _transports = new Map<number, BaseTransport>()
  /** @internal */ readonly _servers = new Set<AbstractServer>()
  /** @internal opened by path for as long as they are being sent */ readonly _files = new Set<FileHandle>()
  /** @internal processes, and what waits for them */ readonly _children = new Set<Releasable>()
  readonly #signals = new SignalHandlers(this)

  /** What it runs on, as in `LOOP_BACKEND`. */
  protected abstract get _mechanism(): Mechanism

  override supports(feature: Feature): boolean {
    const supported = supportHere(feature, this._mechanism) === true
    return feature === 'addSignalHandler' ? supported && isMainThread : supported
  }

  /** @internal @throws NotImplementedError, which says what to use instead, unless this loop can do `feature` */
  _mustSupport(feature: Feature): void {
    const support = supportHere(feature, this._mechanism)
    if (support !== true) throw new NotImplementedError(feature, this.backend.name, support)
  }

  // ---- descriptors

  /**
   * Calls `callback(...args)` whenever `fd` can be read (also at its end or error), until `removeReader`. Replaces a former one.
   * @throws TypeError, RangeError for what is no open descriptor; `EPERM` for a regular file, which has no readiness;
   *   LoopError if a transport uses it
   */
  override addReader<A extends unknown[]>(fd: FdLike, callback: (...args: A) => void, ...args: A): void {
    this._addReader(this.#watchable(fd, callback, 'addReader'), callback, ...args)
  }

  /** Whether there was one. */
  override removeReader(fd: FdLike): boolean {
    return this.isClosed() ? false : this._removeReader(this.#unowned(fd))
  }

  /** As `addReader`, whenever `fd` can be written. */
  override addWriter<A extends unknown[]>(fd: FdLike, callback: (...args: A) => void, ...args: A): void {
    this._addWriter(this.#watchable(fd, callback, 'addWriter'), callback, ...args)
  }

  /** Whether there was one. */
  override removeWriter(fd: FdLike): boolean {
    return this.isClosed() ? false : this._removeWriter(this.#unowned(fd))
  }

  /** @internal for transports and sock* operations, which own the descriptor */
  _addReader<A extends unknown[]>(fd: number, callback: (...args: A) => void, ...args: A): Handle {
    return this.#watch(fd, 'reader', callback as never, args)
  }

  /** @internal */
  _removeReader(fd: number): boolean {
    return this._unwatch(fd, 'reader')
  }

  /** @internal */
  _addWriter<A extends unknown[]>(fd: number, callback: (...args: A) => void, ...args: A): Handle {
    return this.#watch(fd, 'writer', callback as never, args)
  }

  /** @internal */
  _removeWriter(fd: number): boolean {
    return this._unwatch(fd, 'writer')
  }

  /** @internal as `_addReader` and `_addWriter`, with a handle of the caller's own */
  _watchFor(fd: number, half: 'reader' | 'writer', handle: Handle): void {
    this._mustBeOpen()
    noteSchedule(handle, false)
    this._watch(fd, half, handle)
  }

  /** Runs `handle` whenever `fd` is ready, instead of a former one; throws what the system answers. */
  protected abstract _watch(fd: number, half: 'reader' | 'writer', handle: Handle): void

  /** Ends that; whether there was one. */
  protected abstract _unwatch(fd: number, half: 'reader' | 'writer'): boolean

  /** @internal how the bytes of a stream come and go */
  abstract _openChannel(transport: AnyStreamTransport): StreamChannel

  /** @internal how the connections of a server come in */
  abstract _openListener(sock: Socket, backlog: number, accepted: Accepted): Listener

  /** @internal hands a part of a seekable file to the system, which sends it by itself; false if it cannot do that */
  abstract _sendStretch(sock: Socket, file: SentFile, stretch: Stretch, options: Abortable): Promise<boolean>

  /** @internal a descriptor that a live transport uses is the transport's alone */
  _mustBeUnowned(fd: number): void {
    const transport = this._transports.get(fd)
    if (transport === undefined || transport.isClosing()) return
    throw new LoopError(
      `Descriptor ${fd} is used by the transport ${inspect(transport, { depth: 0 })}`,
      'ERR_LOOP_STATE',
    )
  }

  #watch(
    fd: number,
    half: 'reader' | 'writer',
    callback: (...args: never[]) => unknown,
    args: readonly unknown[],
  ): Handle {
    const handle = new Handle(callback, args, this, captureContext())
    this._watchFor(fd, half, handle)
    return handle
  }

  #watchable(file: FdLike, callback: unknown, method: string): number {
    this._mustBeOpen()
    mustBeCallback(callback, method)
    return this.#unowned(file)
  }

  #unowned(file: FdLike): number {
    const fd = descriptorOf(file)
    this._mustBeUnowned(fd)
    return fd
  }

  // ---- signals

  /**
   * Calls `callback(...args)` in the loop, in its turn among other callbacks, whenever the process gets the signal. Replaces
   * a former handler of this loop; other loops and `process.on` listeners are called beside it. It does not keep the
   * process alive once the loop has ended. While a loop handles SIGINT, Ctrl-C does not cancel what `run` runs.
   * @param signal a name or a number
   * @throws TypeError, RangeError for what is no signal; TypeError for an async function; LoopError for SIGKILL and SIGSTOP
   *   and in worker threads
   *
   * asyncio: `add_signal_handler`.
   */
  override addSignalHandler<A extends unknown[]>(
    signal: NodeJS.Signals | number,
    callback: (...args: A) => void,
    ...args: A
  ): void {
    this._mustBeOpen()
    this.#signals.add(signal, callback as never, args)
  }

  /** Whether there was a handler. The signal then does what it did before. asyncio: `remove_signal_handler`. */
  override removeSignalHandler(signal: NodeJS.Signals | number): boolean {
    return this.#signals.remove(signal)
  }

  // ---- sockets and names

  override sockRecv(sock: Socket, nbytes: number, options?: Abortable): Promise<Buffer> {
    return operations.sockRecv(this, sock, nbytes, options)
  }

  override sockRecvInto(sock: Socket, buffer: Uint8Array, options?: Abortable): Promise<number> {
    return operations.sockRecvInto(this, sock, buffer, options)
  }

  override sockRecvfrom(sock: Socket, bufsize: number, options?: Abortable): Promise<[Buffer, Address]> {
    return operations.sockRecvfrom(this, sock, bufsize, options)
  }

  override sockRecvfromInto(
    sock: Socket,
    buffer: Uint8Array,
    nbytes?: number,
    options?: Abortable,
  ): Promise<[number, Address]> {
    return operations.sockRecvfromInto(this, sock, buffer, nbytes, options)
  }

  override sockSendall(sock: Socket, data: Data, options?: Abortable): Promise<void> {
    return operations.sockSendall(this, sock, data, options)
  }

  override sockSendto(sock: Socket, data: Data, address: Address, options?: Abortable): Promise<number> {
    return operations.sockSendto(this, sock, data, address, options)
  }

  override sockConnect(sock: Socket, address: Address, options?: Abortable): Promise<void> {
    return sockConnect(this, sock, address, options)
  }

  override sockAccept(sock: Socket, options?: Abortable): Promise<[Socket, Address]> {
    return operations.sockAccept(this, sock, options)
  }

  override sendfile(transport: BaseTransport, file: FileLike, options?: SendfileOptions): Promise<number> {
    return sendfile(this, transport, file, options)
  }

  override sockSendfile(sock: Socket, file: FileLike, options?: SendfileOptions): Promise<number> {
    return sockSendfile(this, sock, file, options)
  }

  override getaddrinfo(
    host: string | Buffer | null,
    port: number | string | Buffer | null,
    options?: ResolverHints & Abortable,
  ): Promise<AddrInfo[]> {
    return getaddrinfo(this, host, port, options)
  }

  override getnameinfo(sockaddr: InetAddress, flags?: number, options?: Abortable): Promise<[string, string]> {
    return getnameinfo(this, sockaddr, flags, options)
  }

  // ---- connections and servers

  override createConnection<P extends StreamingProtocol>(
    protocolFactory: () => P,
    options: ConnectionOptions,
  ): Promise<[Transport, P]> {
    return createConnection(this, protocolFactory, options)
  }

  override createServer(protocolFactory: () => StreamingProtocol, options: ServerOptions): Promise<Server> {
    return createServer(this, protocolFactory, options)
  }

  override connectAcceptedSocket<P extends StreamingProtocol>(
    protocolFactory: () => P,
    sock: Socket,
    options?: AcceptedSocketOptions,
  ): Promise<[Transport, P]> {
    return connectAcceptedSocket(this, protocolFactory, sock, options)
  }

  override createUnixConnection<P extends StreamingProtocol>(
    protocolFactory: () => P,
    options: UnixConnectionOptions,
  ): Promise<[Transport, P]> {
    return createUnixConnection(this, protocolFactory, options)
  }

  override createUnixServer(protocolFactory: () => StreamingProtocol, options: UnixServerOptions): Promise<Server> {
    return createUnixServer(this, protocolFactory, options)
  }

  override createDatagramEndpoint<P extends DatagramProtocol>(
    protocolFactory: () => P,
    options: DatagramEndpointOptions,
  ): Promise<[DatagramTransport, P]> {
    return createDatagramEndpoint(this, protocolFactory, options)
  }

  override connectReadPipe<P extends StreamingProtocol<ReadTransport>>(
    protocolFactory: () => P,
    pipe: FileLike,
    options?: Abortable,
  ): Promise<[ReadTransport, P]> {
    return connectReadPipe(this, protocolFactory, pipe, options)
  }

  override connectWritePipe<P extends BaseProtocol<WriteTransport>>(
    protocolFactory: () => P,
    pipe: FileLike,
    options?: Abortable,
  ): Promise<[WriteTransport, P]> {
    return connectWritePipe(this, protocolFactory, pipe, options)
  }

  override subprocessExec<P extends SubprocessProtocol>(
    protocolFactory: () => P,
    args: readonly string[],
    options?: SubprocessOptions,
  ): Promise<[SubprocessTransport, P]> {
    return subprocessExec(this, protocolFactory, args, options)
  }

  override subprocessShell<P extends SubprocessProtocol>(
    protocolFactory: () => P,
    cmd: string,
    options?: SubprocessOptions,
  ): Promise<[SubprocessTransport, P]> {
    return subprocessShell(this, protocolFactory, cmd, options)
  }

  override startTls(
    transport: BaseTransport,
    protocol: StreamingProtocol,
    ssl: TlsOption,
    options?: StartTlsOptions,
  ): Promise<Transport> {
    return startTls(this, transport, protocol, ssl, options)
  }

  /** Lets go of everything; `watched`: the descriptors with a reader or writer. */
  protected _releaseSockets(watched: readonly number[]): void {
    this.#signals.removeAll()
    releaseLoop(this, watched)
  }
}
