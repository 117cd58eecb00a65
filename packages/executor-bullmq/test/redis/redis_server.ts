import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'

const host = '127.0.0.1'

/** A Redis of these tests' own, which keeps nothing. */
export class RedisServer {
  readonly port: number
  readonly #process: ChildProcess
  readonly #ended: Promise<unknown>

  private constructor(port: number) {
    this.port = port
    const options = ['--bind', host, '--port', String(port), '--save', '', '--appendonly', 'no']
    this.#process = spawn('redis-server', options, { stdio: ['ignore', 'ignore', 'inherit'] })
    this.#ended = once(this.#process, 'exit')
    this.#ended.catch(() => {})
  }

  /** @param port a free one if left out */
  static async start(port?: number): Promise<RedisServer> {
    const server = new RedisServer(port ?? (await freePort()))
    await server.#listening()
    return server
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.#process.kill(signal)
    await this.#ended
  }

  async #listening(): Promise<void> {
    let over = false
    const failed = this.#ended.then(
      () => {
        over = true
      },
      (error: Error) => {
        throw new Error(`redis-server could not be started (Debian's package of that name has it): ${error.message}`)
      },
    )
    while (!over) {
      const socket = connect(this.port, host)
      const connected = once(socket, 'connect').then(
        () => true,
        () => false,
      )
      const answered = await Promise.race([connected, failed])
      socket.destroy()
      if (answered === true) return
      await setTimeout(10)
    }
    throw new Error('redis-server ended at once')
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** For all files of tests. */
export default async function setup(): Promise<() => Promise<void>> {
  const server = await RedisServer.start()
  process.env['REDIS_PORT'] = String(server.port)
  return () => server.end()
}
