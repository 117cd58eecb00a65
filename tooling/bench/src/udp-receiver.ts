import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { end, launch } from './child.js'

/** What the programs of the udp suite print last. */
export interface UdpCount {
  /** Within the measured seconds. */
  datagrams: number
  total: number
  seconds: number
  cpuSeconds: number
  /** With other bytes than they should have; only the sink looks. */
  wrong?: number
}

const START_LIMIT = 20_000

/** A program that prints `listening PORT` first and a count when it ends. */
export class UdpReceiver {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  #output = ''

  constructor(command: readonly string[], core: number | undefined) {
    this.#child = launch(command, { core, stdio: ['ignore', 'pipe', 'inherit'] })
    this.#closed = once(this.#child, 'close')
    // Whoever waits for the port or the count is told.
    this.#closed.catch(() => {})
    this.#child.stdout!.setEncoding('utf8').on('data', (text) => (this.#output += text))
  }

  async port(): Promise<number> {
    const limit = AbortSignal.timeout(START_LIMIT)
    for (;;) {
      const port = /^listening (\d+)$/m.exec(this.#output)?.[1]
      if (port !== undefined) return Number(port)
      await Promise.race([once(this.#child.stdout!, 'data', { signal: limit }), this.#closed])
      if (this.#child.exitCode !== null) throw new Error(`the receiver ended before it listened: ${this.#output}`)
    }
  }

  /** Waits until it has ended by itself. */
  async count(): Promise<UdpCount> {
    await this.#closed
    return udpCountOf(this.#output)
  }

  /** Asks it to end. */
  async stop(): Promise<UdpCount> {
    await end(this.#child)
    return this.count()
  }

  async kill(): Promise<void> {
    await end(this.#child)
  }
}

export function udpCountOf(output: string): UdpCount {
  const line = output.trim().split('\n').at(-1) ?? ''
  if (!line.startsWith('{')) throw new Error(`no count came: ${output}`)
  return JSON.parse(line) as UdpCount
}
