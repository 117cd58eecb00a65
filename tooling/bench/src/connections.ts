import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

const MESSAGE = Buffer.from(Array.from({ length: 64 }, (_, i) => (i * 37 + 11) & 0xff))
const AT_ONCE = 100
// The ports that connections use up for good are counted for each source address: spread over many of them
// no number of connections and of earlier runs comes near the end of the range.
const SOURCES = 50
const LIMIT = 30_000

/** Connections that are made, exchange one message, and are then left idle. */
export class HeldConnections {
  readonly #port: number
  readonly #sockets: Socket[] = []
  #lost = 0

  constructor(port: number) {
    this.#port = port
  }

  /** How many are still open. */
  get open(): number {
    return this.#sockets.length - this.#lost
  }

  /** Adds so many; resolves when the server has answered on each of them. */
  async add(count: number): Promise<void> {
    for (let left = count; left > 0; left -= AT_ONCE) {
      await Promise.all(Array.from({ length: Math.min(left, AT_ONCE) }, () => this.#addOne()))
    }
  }

  async #addOne(): Promise<void> {
    const localAddress = `127.0.0.${2 + (this.#sockets.length % SOURCES)}`
    const socket = connect({ host: '127.0.0.1', port: this.#port, localAddress, noDelay: true })
    this.#sockets.push(socket)
    socket.once('close', () => (this.#lost += 1))
    const signal = AbortSignal.timeout(LIMIT)
    await once(socket, 'connect', { signal })
    socket.on('error', () => socket.destroy())
    socket.write(MESSAGE)
    let answer = Buffer.alloc(0)
    while (answer.length < MESSAGE.length) {
      const [chunk] = await once(socket, 'data', { signal })
      answer = Buffer.concat([answer, chunk])
    }
    if (!answer.equals(MESSAGE)) throw new Error('The server echoed other bytes than it was sent')
  }

  async close(): Promise<void> {
    const open = this.#sockets.filter((socket) => !socket.closed)
    const closed = open.map((socket) => once(socket, 'close'))
    for (const socket of open) socket.destroy()
    await Promise.all(closed)
  }
}
