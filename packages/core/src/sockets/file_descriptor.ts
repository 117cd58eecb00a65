import { inspect } from 'node:util'
import { currentBackend } from '../backend/load.js'
import { systemError } from '../errors/index.js'
import { descriptorOf } from './descriptor.js'

/** Closes the descriptors whose owner was collected. */
const forgotten = new FinalizationRegistry<number>((fd) => currentBackend().sockets.close(fd))

/**
 * A descriptor that belongs to this object: what another process passed (`recvFds`, `descriptorsReceived`). It is closed once:
 * by `close()` or `using`, or when nothing refers to the object any more. Everything that takes a descriptor takes it:
 * `loop.addReader(fd, ...)`, `sendFds(sock, [data], [fd])`; what is to own it instead gets `detach()`:
 * `new Socket({ fileno: fd.detach() })`, `fs.createReadStream('', { fd: fd.detach() })`.
 */
export class FileDescriptor {
  #fd: number

  /** @param fd an open descriptor, which is the object's from now on */
  constructor(fd: number) {
    if (typeof fd !== 'number') throw new TypeError(`A descriptor's number is required, not ${inspect(fd)}`)
    this.#fd = descriptorOf(fd)
    forgotten.register(this, this.#fd, this)
  }

  /** Its number; -1 once it is closed or detached. */
  fileno(): number {
    return this.#fd
  }

  /** Lets go of the descriptor without closing it and gives its number. */
  detach(): number {
    const fd = this.#fd
    this.#fd = -1
    forgotten.unregister(this)
    return fd
  }

  /** Idempotent. */
  close(): void {
    const fd = this.detach()
    if (fd === -1) return
    const result = currentBackend().sockets.close(fd)
    if (result < 0) throw systemError(result, 'close')
  }

  /** Disposing it closes it. */
  [Symbol.dispose](): void {
    this.close()
  }

  [inspect.custom](): string {
    return `<FileDescriptor ${this.#fd === -1 ? 'closed' : `fd=${this.#fd}`}>`
  }
}
