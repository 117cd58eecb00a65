import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const startLimit = 60_000
const patience = 10_000

/** A server's program, from when it accepts connections until `stop`. */
export class ServerProcess {
  readonly #child: ChildProcess
  readonly #name: string
  #output = ''

  /** @param port where it accepts connections when it is ready */
  static async start(command: readonly [string, ...string[]], port: number): Promise<ServerProcess> {
    const server = new ServerProcess(command)
    try {
      await server.#accepts(port)
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  private constructor(command: readonly [string, ...string[]]) {
    // Nobody could end it after this process was killed but the kernel.
    const [program, ...args] = ['setpriv', '--pdeathsig', 'KILL', ...command] as [string, ...string[]]
    this.#name = command.at(-1)!.includes('/') ? command[0] : command.join(' ')
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [this.#child.stdout!, this.#child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text) => {
        this.#output = (this.#output + text).slice(-8000)
      })
    }
  }

  async #accepts(port: number): Promise<void> {
    const end = once(this.#child, 'exit').then(([code, signal]) => {
      throw new Error(`${this.#name} ended with ${signal ?? code}:\n${this.#output}`)
    })
    const limit = AbortSignal.timeout(startLimit)
    while (!(await Promise.race([end, accepts(port)]))) {
      if (limit.aborted) throw new Error(`${this.#name} did not accept connections:\n${this.#output}`)
      await delay(50)
    }
    // It may end later, when it is told to.
    end.catch(() => {})
  }

  /** @param signal how it is asked to end; after ten seconds it is made to */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return
    const end = once(this.#child, 'exit')
    this.#child.kill(signal)
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), patience)
    await end
    clearTimeout(insist)
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** Ports that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map(async (server) => once(server.close(), 'close')))
  return ports
}

/** Runs a program to its end, and shows what it said if it fails. */
export function runProgram(program: string, args: readonly string[]): void {
  execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8' })
}

/** Some servers refuse to be root. */
export function asUser(name: string): string[] {
  if (process.getuid?.() !== 0) return []
  return ['setpriv', `--reuid=${name}`, `--regid=${name}`, '--clear-groups', '--inh-caps=-all']
}
