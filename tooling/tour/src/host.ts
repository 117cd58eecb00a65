import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Node's own work beside the loop: a timer that ticks and `fetch` from a `node:http` server, counted until `stop`. */
export class HostWork {
  ticks = 0
  fetches = 0
  readonly #server = createServer((_request, response) => response.end('from node:http'))
  #timer: NodeJS.Timeout | null = null
  #stopped = false
  #fetching: Promise<void> = Promise.resolve()

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.#timer = setInterval(() => this.ticks++, 10)
    this.#fetching = this.#fetch(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    if (this.#timer !== null) clearInterval(this.#timer)
    await this.#fetching
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #fetch(url: string): Promise<void> {
    while (!this.#stopped) {
      await (await fetch(url)).text()
      this.fetches++
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
