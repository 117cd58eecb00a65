import { MessageChannel, type MessagePort, threadId } from 'node:worker_threads'
import { scopes } from '../context/scope.js'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import type { Greeting, Request } from './messages.js'
import { ThreadLink } from './thread_link.js'

declare const ofLoop: unique symbol

/** A loop's handle for one other thread: `postMessage(handle, [handle])`, or `workerData` with `transferList: [handle]`. */
export type ThreadHandle = MessagePort & {
  /** Keeps it apart from other ports, for the compiler. */
  readonly [ofLoop]?: never
}

/** The handles of a loop, on its own side. */
export class ThreadHandles {
  readonly #loop: BaseEventLoop
  readonly #links = new Set<ThreadLink>()
  #closed: Int32Array | null = null

  constructor(loop: BaseEventLoop) {
    this.#loop = loop
  }

  open(): ThreadHandle {
    this.#closed ??= new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    // Messages arrive in the async context in which the channel was made: that of no task.
    const { port1, port2 } = scopes.exit(() => new MessageChannel())
    const greeting: Greeting = { loop: true, closed: this.#closed, threadId, debug: this.#loop.getDebug() }
    port1.postMessage(greeting)
    const link = new ThreadLink(this.#loop, port1)
    this.#links.add(link)
    port1.on('message', (request: Request) => link.receive(request))
    port1.on('close', () => this.#links.delete(link))
    port1.unref()
    return port2
  }

  /** Other threads see it at once; what they wait for ends with the port. */
  close(): void {
    if (this.#closed === null) return
    Atomics.store(this.#closed, 0, 1)
    for (const link of this.#links) link.close()
    this.#links.clear()
  }
}
