/** The loop over completions: what its proactor's operations bring, and who is told of them. */
import { inspect } from 'node:util'
import type { Address } from '../backend/contract.js'
import { backendOf, currentBackend } from '../backend/load.js'
import { systemError } from '../errors/index.js'
import { connect } from '../proactor/connect.js'
import { IocpProactor } from '../proactor/iocp_proactor.js'
import { createPipeConnection, startServingPipe } from '../proactor/named_pipes.js'
import type { PipeServer } from '../proactor/pipe_server.js'
import { PolledDescriptors } from '../proactor/polled_descriptors.js'
import { Proactor } from '../proactor/proactor.js'
import { transmitFile } from '../proactor/transmit_file.js'
import { registrationError } from '../selectors/registration_error.js'
import { checkedAddress } from '../sockets/address.js'
import { constants } from '../sockets/constants.js'
import { checkedSocket } from '../sockets/readiness.js'
import type { SentFile, Stretch } from '../sockets/sent_file.js'
import type { Socket } from '../sockets/socket.js'
import type { Abortable } from '../tasks/abortable.js'
import { CompletionChannel } from '../transports/completion_channel.js'
import { CompletionListener } from '../transports/completion_listener.js'
import type { Accepted, Listener } from '../transports/listener.js'
import type { StreamingProtocol } from '../transports/protocols.js'
import type { StreamChannel } from '../transports/stream_channel.js'
import type { AnyStreamTransport } from '../transports/stream_transport.js'
import type { Transport } from '../transports/transport.js'
import type { Mechanism } from './capabilities.js'
import type { Driver } from './driver.js'
import type { LoopBackend } from './event_loop.js'
import type { Handle } from './handle.js'
import { SocketEventLoop } from './socket_event_loop.js'

/**
 * The loop over completions instead of readiness, as Windows' I/O completion ports give them. Streams, servers, connections, pipes and
 * files are operations of the system. `addReader`, `addWriter`, datagrams, and the `sock*` methods but `sockConnect` and `sockSendfile`
 * wait for readiness, by polls of the driver behind Winsock (AFD): a wait that is cancelled loses no byte.
 *
 * Tested under Wine; it has not run on a Windows.
 *
 * asyncio: `ProactorEventLoop`.
 */
export class ProactorEventLoop extends SocketEventLoop {
  /** @internal */ readonly _proactor: Proactor
  readonly #driver: Driver
  readonly #watched = new PolledDescriptors(this)

  /**
   * @param proactor what it waits with, and closes when it is closed; an `IocpProactor` if left out
   * @throws NotImplementedError where the platform has none
   */
  constructor(proactor?: Proactor) {
    if (proactor !== undefined && !(proactor instanceof Proactor)) {
      throw new TypeError(`proactor must be a Proactor, not ${inspect(proactor)}`)
    }
    proactor?._mustBeFree()
    const own = proactor ?? new IocpProactor()
    let driver: Driver
    try {
      driver = own._newDriver()
      super(driver)
    } catch (error) {
      if (proactor === undefined) own.close()
      throw error
    }
    this._proactor = own
    this.#driver = driver
    own._give(this)
  }

  override get backend(): LoopBackend {
    const { package: name } = backendOf('proactor')?.backend ?? currentBackend()
    return { name: this._proactor.name, kind: 'proactor', package: name, driver: this.#driver.name }
  }

  protected override get _mechanism(): Mechanism {
    return this._proactor.name
  }

  protected override _watch(fd: number, half: 'reader' | 'writer', handle: Handle): void {
    const result = this.#watched.set(fd, half, handle)
    if (result < 0) throw registrationError(result, this._proactor.name, fd)
  }

  protected override _unwatch(fd: number, half: 'reader' | 'writer'): boolean {
    return this.#watched.clear(fd, half)
  }

  /** @internal */
  override _openChannel(transport: AnyStreamTransport): StreamChannel {
    return new CompletionChannel(this, transport)
  }

  /** @internal */
  override _openListener(sock: Socket, backlog: number, accepted: Accepted): Listener {
    return new CompletionListener(this, sock, backlog, accepted)
  }

  /** @internal */
  override _sendStretch(sock: Socket, file: SentFile, stretch: Stretch, options: Abortable): Promise<boolean> {
    return transmitFile(this, sock, file, stretch, options)
  }

  /** As `SelectorEventLoop`'s, by an operation of the system where the socket has connections. asyncio: `sock_connect`. */
  override sockConnect(sock: Socket, address: Address, options: Abortable = {}): Promise<void> {
    checkedSocket(this, sock)
    // Only what has connections; of the others connect(2) only notes the address.
    if (sock.type !== constants['SOCK_STREAM']) return super.sockConnect(sock, address, options)
    return connect(this, sock, checkedAddress(sock.family, address), options)
  }

  /**
   * Connects to a named pipe, which waits while all of its ends are taken.
   * @param address `\\\\.\\pipe\\name`
   * @throws TypeError, RangeError at the call; later `ENOENT` where there is no such pipe
   *
   * asyncio: `create_pipe_connection`.
   */
  createPipeConnection<P extends StreamingProtocol>(
    protocolFactory: () => P,
    address: string,
    options?: Abortable,
  ): Promise<[Transport, P]> {
    return createPipeConnection(this, protocolFactory, address, options)
  }

  /**
   * Serves a named pipe: each client of this machine gets a protocol of its own.
   * @param address `\\\\.\\pipe\\name`
   * @throws TypeError, RangeError at the call; later `EPERM` if the name is taken
   *
   * asyncio: `start_serving_pipe`.
   */
  startServingPipe(protocolFactory: () => StreamingProtocol, address: string): Promise<[PipeServer]> {
    return startServingPipe(this, protocolFactory, address)
  }

  protected override _processEvents(count: number): void {
    if (count >= 0) this._proactor._collected(count)
    else if (count !== -constants['EINTR']!) {
      this.callExceptionHandler({
        message: 'Waiting for completions failed',
        exception: systemError(count, this._proactor.name),
      })
    }
  }

  protected override _releaseResources(): void {
    this._releaseSockets(this.#watched.descriptors)
    this._proactor.close()
  }
}
