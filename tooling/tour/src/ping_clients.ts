import { getRunningLoop, type Protocol, type Transport } from '@loop/core'
import type { Exchange } from './line_clients.js'
import { withServer } from './server_process.js'

/** Sends a line, checks its answer, sends the next: the server's cost is then most of what is measured. */
class Ping implements Protocol {
  #transport: Transport | null = null
  #sent = 0
  #expected = ''
  #received = ''
  readonly #id: number
  readonly #messages: number
  readonly #over: (error: Error | null) => void

  constructor(id: number, messages: number, over: (error: Error | null) => void) {
    this.#id = id
    this.#messages = messages
    this.#over = over
  }

  connectionMade(transport: Transport): void {
    this.#transport = transport
    this.#next()
  }

  dataReceived(data: Buffer): void {
    this.#received += data.toString('latin1')
    if (this.#received.length < this.#expected.length) return
    if (this.#received !== this.#expected)
      return this.#end(new Error(`expected '${this.#expected}', got '${this.#received}'`))
    if (this.#sent === this.#messages) return this.#end(null)
    this.#next()
  }

  connectionLost(exc: Error | null): void {
    this.#end(exc ?? new Error('the server ended the connection'))
  }

  #next(): void {
    const line = `client ${this.#id} message ${this.#sent++}`
    this.#expected = `${[...line].reverse().join('')}\n`
    this.#received = ''
    this.#transport?.write(Buffer.from(`${line}\n`, 'latin1'))
  }

  #end(error: Error | null): void {
    const transport = this.#transport
    if (transport === null) return
    this.#transport = null
    transport.abort()
    this.#over(error)
  }
}

/** `clients` connections exchange `messages` lines with a server one by one, each answer checked. */
export function pingPong(kind: 'loop' | 'net', clients: number, messages: number): Promise<Exchange> {
  return withServer(kind, async (port) => {
    const loop = getRunningLoop()
    const done = loop.createFuture<void>()
    let left = clients
    const over = (error: Error | null) => {
      if (done.done()) return
      if (error !== null) done.setException(error)
      else if (--left === 0) done.setResult()
    }
    const began = performance.now()
    for (let id = 0; id < clients; id++) {
      await loop.createConnection(() => new Ping(id, messages / clients, over), { host: '127.0.0.1', port })
    }
    await done
    return { messages, seconds: (performance.now() - began) / 1000 }
  })
}
