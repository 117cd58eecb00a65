import { inspect } from 'node:util'
import type { PipeOps } from '../backend/contract.js'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import { DuplexPipeTransport } from '../transports/duplex_pipe_transport.js'
import type { StreamingProtocol } from '../transports/protocols.js'
import { Operation } from './operation.js'
import { PipeHandle } from './pipe_handle.js'

/** Waits for clients of a named pipe; each gets an end of its own. asyncio: `PipeServer`. */
export class PipeServer {
  readonly #loop: ProactorEventLoop
  readonly #pipes: PipeOps
  readonly #name: string
  readonly #protocolFactory: () => StreamingProtocol
  readonly #connecting: Operation
  /** The end that waits; null once the server is closed. */
  #waiting: PipeHandle | null

  /**
   * @internal use `loop.startServingPipe`
   * @throws `EPERM` if somebody else has this name
   */
  constructor(loop: ProactorEventLoop, pipes: PipeOps, name: string, protocolFactory: () => StreamingProtocol) {
    this.#loop = loop
    this.#pipes = pipes
    this.#name = name
    this.#protocolFactory = protocolFactory
    this.#connecting = new Operation(loop, () => this.#connected())
    this.#waiting = this.#end(true)
    loop._children.add(this)
    this.#wait(this.#waiting)
  }

  /** Whether it was closed. */
  closed(): boolean {
    return this.#waiting === null
  }

  /** Waits for no more clients; those that have come stay. Idempotent. */
  close(): void {
    const waiting = this.#waiting
    if (waiting === null) return
    this.#waiting = null
    this.#loop._children.delete(this)
    this.#loop._proactor._cancel(this.#connecting)
    waiting.close()
  }

  /** Disposing a server closes it. */
  [Symbol.dispose](): void {
    this.close()
  }

  /** @internal the loop is closed */
  _release(): void {
    this.close()
  }

  #end(isFirst: boolean): PipeHandle {
    const handle = this.#pipes.createNamedPipe(this.#name, isFirst)
    if (handle < 0) throw systemError(handle, 'CreateNamedPipe', { path: this.#name })
    return new PipeHandle(handle)
  }

  #wait(pipe: PipeHandle): void {
    this.#loop._proactor._associate(pipe)
    this.#loop._proactor._begin(this.#connecting, (native, slot, generation) =>
      native.connectNamedPipe(pipe.fileno(), slot, generation),
    )
  }

  #connected(): void {
    const pipe = this.#waiting
    // Closed meanwhile, which has closed the end as well.
    if (pipe === null) return
    const { result } = this.#connecting
    try {
      // A client that has gone again is no reason to wait no longer.
      if (result < 0 && result !== -errno.EPIPE) throw systemError(result, 'ConnectNamedPipe', { path: this.#name })
      this.#waiting = this.#end(false)
      this.#wait(this.#waiting)
    } catch (exception) {
      this.close()
      this.#loop.callExceptionHandler({ message: 'Pipe accept failed', exception: exception as Error })
    }
    if (result === 0) this.#serve(pipe)
    else pipe.close()
  }

  #serve(pipe: PipeHandle): void {
    try {
      new DuplexPipeTransport(this.#loop, pipe, this.#protocolFactory(), this.#name)
    } catch (exception) {
      pipe.close()
      this.#loop.callExceptionHandler({
        message: 'Error on transport creation for incoming pipe',
        exception: exception as Error,
      })
    }
  }

  [inspect.custom](): string {
    return `<PipeServer ${this.closed() ? 'closed' : 'serving'} ${inspect(this.#name)}>`
  }
}
