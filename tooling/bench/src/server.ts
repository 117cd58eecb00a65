import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { end, launch } from './child.js'
import type { Peer } from './peers.js'
import { places } from './places.js'

const START_LIMIT = 20_000
const KEPT_ERRORS = 4000

export interface ServerOptions {
  core?: number | undefined
  /** Load the probe into it, which answers `ask`; for peers that run in Node. */
  probe?: boolean
}

/** One peer, running, from `listening PORT` until `stop`. */
export class Server {
  readonly #child: ChildProcess
  readonly peer: Peer
  port = 0
  #errors = ''

  static async start(peer: Peer, { core, probe = false }: ServerOptions = {}): Promise<Server> {
    if (peer.command === null) throw new Error(`${peer.name} cannot start: ${peer.version}`)
    const [program, ...args] = peer.command
    const preload = ['--expose-gc', '--import', pathToFileURL(join(places.peers, 'probe.mjs')).href]
    const command = [program, ...(probe ? preload : []), ...args, '0']
    const stdio: ('ignore' | 'pipe' | 'ipc')[] = ['ignore', 'pipe', 'pipe', ...(probe ? (['ipc'] as const) : [])]
    const server = new Server(peer, launch(command, { core, stdio }))
    try {
      await server.#listening()
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  private constructor(peer: Peer, child: ChildProcess) {
    this.peer = peer
    this.#child = child
    child.stderr!.setEncoding('utf8').on('data', (text) => {
      this.#errors = (this.#errors + text).slice(-KEPT_ERRORS)
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** What it has written to its standard error, the last of it. */
  get errors(): string {
    return this.#errors.trim()
  }

  #listening(): Promise<void> {
    return new Promise((resolve, reject) => {
      let output = ''
      const fail = (what: string) => {
        clearTimeout(limit)
        reject(new Error(`${this.peer.name} ${what}${this.errors && `:\n${this.errors}`}`))
      }
      const limit = setTimeout(() => fail(`did not print "listening PORT" within ${START_LIMIT} ms`), START_LIMIT)
      this.#child.once('error', (error) => fail(`did not start (${error.message})`))
      // Not 'exit': the reason it gives on its standard error may be read only after that.
      this.#child.once('close', (code, signal) => fail(`ended with ${signal ?? code} before it listened`))
      this.#child.stdout!.setEncoding('utf8').on('data', (text) => {
        // Read on when the port is known: a server that prints more must not block on a full pipe.
        if (this.port !== 0) return
        output += text
        const port = /listening (\d+)\s/.exec(output)?.[1]
        if (port === undefined) return
        this.port = Number(port)
        clearTimeout(limit)
        resolve()
      })
    })
  }

  /** Puts a question to the probe and resolves to its answer. */
  async ask<T>(question: string): Promise<T> {
    const answer = once(this.#child, 'message', { signal: AbortSignal.timeout(30_000) })
    this.#child.send(question)
    const [value] = await answer
    return value as T
  }

  /** Resolves to false when it had to be killed because it went on after SIGTERM. */
  stop(): Promise<boolean> {
    return end(this.#child)
  }
}
