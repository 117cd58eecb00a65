import type { Address } from '../backend/contract.js'
import { isSystemError, LoopError, QueueShutDown } from '../errors/index.js'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import { Queue } from '../queues/queue.js'
import { Waiters } from '../streams/waiters.js'
import type { Abortable } from '../tasks/abortable.js'
import { PendingWait } from '../tasks/pending_wait.js'
import { sleep } from '../tasks/sleep.js'
import type { PacketInfo } from '../transports/packet_info.js'
import type { DatagramProtocol } from '../transports/protocols.js'
import type { DatagramTransport } from '../transports/transport.js'

/** The datagram and its sender; with `packetInfo` also what the system tells of it. */
export type ReceivedDatagram = [data: Buffer, addr: Address, info?: PacketInfo]

/** Awaited sends after which the loop has a turn, so that a task that only sends does not keep everybody else waiting. */
const sendsPerTurn = 64

/** An error that the system gave, for the first who asks. */
class Failure {
  told = false
  constructor(readonly error: Error) {}
}

/** What the loop calls for a `DatagramEndpoint`, and what that asks. */
export class EndpointProtocol implements DatagramProtocol {
  transport!: DatagramTransport
  dropped = 0
  readonly sent: PromiseLike<void> = new PendingWait(() => this.#confirm())
  readonly notSent: PromiseLike<void> = new PendingWait(() => Promise.reject(this.#lost ?? closed()))
  readonly #loop: BaseEventLoop
  readonly #received: Queue<ReceivedDatagram | Failure>
  readonly #writable: Waiters
  readonly #closed: Waiters
  #connected = false
  #paused = false
  /** What the system refused and nobody has been told of. */
  #refused: Failure | null = null
  /** One stands among the datagrams, in its place; others that follow say the same. */
  #failureWaits = false
  /** undefined as long as the connection is there */
  #lost: Error | null | undefined = undefined
  #pass = 0
  #sends = 0

  constructor(loop: BaseEventLoop, queueSize: number) {
    this.#loop = loop
    this.#received = new Queue(queueSize)
    this.#writable = new Waiters(loop)
    this.#closed = new Waiters(loop)
  }

  connectionMade(transport: DatagramTransport): void {
    this.transport = transport
    this.#connected = transport.getExtraInfo('peername') !== null
  }

  datagramReceived(data: Buffer, addr: Address, info?: PacketInfo): void {
    if (this.#received.full()) this.dropped++
    else this.#received.putNowait(info === undefined ? [data, addr] : [data, addr, info])
  }

  /** A connected socket's errors concern both directions, and come out of whichever is asked first. */
  errorReceived(error: Error): void {
    const failure = new Failure(error)
    const isOfSending = !isSystemError(error) || error.syscall !== 'recvfrom'
    if (isOfSending) this.#refused = failure
    if ((isOfSending && !this.#connected) || this.#failureWaits) return
    if (this.#received.full() || this.transport.isClosing()) return
    this.#failureWaits = true
    this.#received.putNowait(failure)
  }

  pauseWriting(): void {
    this.#paused = true
  }

  resumeWriting(): void {
    this.#paused = false
    this.#writable.release()
  }

  connectionLost(exc: Error | null): void {
    this.#lost = exc
    this.#received.shutdown(true)
    this.#writable.release()
    this.#closed.release()
  }

  close(): void {
    this.transport.close()
    // Who waits for a datagram need not wait until those that are buffered have left.
    this.#received.shutdown(true)
  }

  /** null when there will be no more. */
  async next(options?: Abortable): Promise<ReceivedDatagram | null> {
    try {
      for (;;) {
        const received = await this.#received.get(options)
        if (!(received instanceof Failure)) return received
        this.#failureWaits = false
        this.#tell(received)
      }
    } catch (error) {
      if (!(error instanceof QueueShutDown)) throw error
      if (this.#lost) throw this.#lost
      return null
    }
  }

  async receive(options?: Abortable): Promise<ReceivedDatagram> {
    const datagram = await this.next(options)
    if (datagram === null) throw closed()
    return datagram
  }

  /** What awaiting a send does. */
  async #confirm(): Promise<void> {
    // To ask what waits for room hands over first what has not been offered yet.
    this.transport.getWriteBufferSize()
    this.#tell(this.#refused)
    if (this.#paused) {
      await this.#writable.wait()
      this.#tell(this.#refused)
    } else await this.#breathe()
    if (this.#lost !== undefined) throw this.#lost ?? closed()
  }

  /** Lets the loop have a turn if this pass has sent enough. */
  async #breathe(): Promise<void> {
    if (this.#loop._passes !== this.#pass) {
      this.#pass = this.#loop._passes
      this.#sends = 0
    } else if (++this.#sends >= sendsPerTurn) {
      this.#sends = 0
      await sleep(0)
    }
  }

  #tell(failure: Failure | null): void {
    this.#refused = null
    if (failure === null || failure.told) return
    failure.told = true
    throw failure.error
  }

  async waitClosed(options?: Abortable): Promise<void> {
    if (this.#lost === undefined) await this.#closed.wait(options)
    if (this.#lost) throw this.#lost
  }
}

function closed(): LoopError {
  return new LoopError('The endpoint is closed', 'ERR_LOOP_STATE')
}
