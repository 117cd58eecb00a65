/** The loop over readiness: what its selector's events mean, and who is told of them. */
import { inspect } from 'node:util'
import { EVENT_READ, EVENT_WRITE } from '../backend/contract.js'
import { backendOf, currentBackend } from '../backend/load.js'
import { systemError } from '../errors/index.js'
import { registrationError } from '../selectors/registration_error.js'
import { Selector } from '../selectors/selector.js'
import { DefaultSelector } from '../selectors/selectors.js'
import { constants } from '../sockets/constants.js'
import type { SentFile, Stretch } from '../sockets/sent_file.js'
import { sendNatively } from '../sockets/sock_sendfile.js'
import type { Socket } from '../sockets/socket.js'
import type { Abortable } from '../tasks/abortable.js'
import type { Accepted, Listener } from '../transports/listener.js'
import { ReadinessChannel } from '../transports/readiness_channel.js'
import { ReadinessListener } from '../transports/readiness_listener.js'
import type { StreamChannel } from '../transports/stream_channel.js'
import type { Mechanism } from './capabilities.js'
import { chooseDriver } from './choose_driver.js'
import { DescriptorRegistry } from './descriptor_registry.js'
import type { Driver } from './driver.js'
import type { LoopBackend } from './event_loop.js'
import type { Handle } from './handle.js'
import { SocketEventLoop } from './socket_event_loop.js'

/** The loop over readiness: epoll, kqueue, poll or select. asyncio: `SelectorEventLoop`. */
export class SelectorEventLoop extends SocketEventLoop {
  readonly #selector: Selector
  readonly #driver: Driver
  readonly #registry: DescriptorRegistry
  readonly #channel: StreamChannel

  /** @param selector what it waits with, and closes when it is closed; a `DefaultSelector` if left out */
  constructor(selector?: Selector) {
    if (selector !== undefined && !(selector instanceof Selector)) {
      throw new TypeError(`selector must be a Selector, not ${inspect(selector)}`)
    }
    const own = selector ?? new DefaultSelector()
    let driver: Driver
    try {
      driver = chooseDriver(own._poller, backendOf('selector')!.backend.drivers)
      super(driver)
    } catch (error) {
      if (selector === undefined) own.close()
      throw error
    }
    this.#selector = own
    this.#driver = driver
    this.#registry = new DescriptorRegistry(own._poller)
    this.#channel = new ReadinessChannel(this)
    own._give(this)
  }

  override get backend(): LoopBackend {
    const { package: name } = backendOf('selector')!.backend
    return { name: this.#selector.name, kind: 'selector', package: name, driver: this.#driver.name }
  }

  protected override get _mechanism(): Mechanism {
    return this.#selector.name
  }

  protected override _watch(fd: number, half: 'reader' | 'writer', handle: Handle): void {
    const result = this.#registry.set(fd, half, handle)
    if (result < 0) throw registrationError(result, this.#selector.name, fd)
  }

  protected override _unwatch(fd: number, half: 'reader' | 'writer'): boolean {
    return this.#registry.clear(fd, half)
  }

  /** @internal */
  override _openChannel(): StreamChannel {
    return this.#channel
  }

  /** @internal */
  override _openListener(sock: Socket, backlog: number, accepted: Accepted): Listener {
    return new ReadinessListener(this, sock, backlog, accepted)
  }

  /** @internal */
  override _sendStretch(sock: Socket, file: SentFile, stretch: Stretch, options: Abortable): Promise<boolean> {
    return sendNatively(this, sock, file, stretch, options)
  }

  protected override _processEvents(count: number): void {
    if (count < 0) this.#pollFailed(count)
    const { events } = this.#selector._poller
    for (let index = 0; index < count * 3; index += 3) {
      const registration = this.#registry.match(events[index]!, events[index + 1]!)
      if (registration === undefined) continue
      const mask = events[index + 2]!
      if ((mask & EVENT_READ) !== 0 && registration.reader !== null) this._enqueueEvent(registration.reader)
      if ((mask & EVENT_WRITE) !== 0 && registration.writer !== null) this._enqueueEvent(registration.writer)
    }
  }

  /** select(2) fails as a whole when one of its descriptors was closed, and would fail for ever. */
  #pollFailed(result: number): void {
    if (result === -constants['EINTR']!) return
    const { sockets } = currentBackend()
    const closed = [...this.#registry].filter(({ fd }) => sockets.isNonblocking(fd) === -constants['EBADF']!)
    for (const { fd } of closed) {
      this.#registry.drop(fd)
      this.callExceptionHandler({
        message: `Descriptor ${fd} was closed while the loop watched it: remove its reader and writer first`,
        exception: systemError(result, this.#selector.name),
      })
    }
    if (closed.length > 0) return
    this.callExceptionHandler({
      message: 'Waiting for events failed',
      exception: systemError(result, this.#selector.name),
    })
  }

  protected override _releaseResources(): void {
    this._releaseSockets([...this.#registry].map(({ fd }) => fd))
    for (const { fd } of this.#registry) this.#registry.drop(fd)
    this.#selector.close()
  }
}
