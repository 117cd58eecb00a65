import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the Redis of these tests listens, which `redis_server.ts` starts. */
export const connection = { host: '127.0.0.1', port: Number(process.env['REDIS_PORT']) }
export const module = new URL('./work.mjs', import.meta.url)
const folder = mkdtempSync(join(tmpdir(), 'loop-bullmq-'))
let counter = 0

/** A queue of its own for a test. */
export const newQueue = (): string => `test-${process.pid}-${counter++}`
/** A path for the files by which a job and a test talk. */
export const newFile = (): string => join(folder, String(counter++))

export async function appears(file: string): Promise<string> {
  while (!existsSync(file) || readFileSync(file, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 5))
  return readFileSync(file, 'utf8')
}

const started = new Set<WorkerProcess>()

/** Ends those that a test left. */
export async function endAll(): Promise<void> {
  for (const worker of [...started]) await worker.end('SIGKILL')
}

/** A worker in a process of its own. */
export class WorkerProcess {
  readonly #child: ChildProcess
  output = ''

  constructor(options: object) {
    const program = fileURLToPath(new URL('./worker.mjs', import.meta.url))
    this.#child = spawn(process.execPath, ['--no-warnings', program, JSON.stringify({ connection, ...options })], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
    })
    started.add(this)
  }

  get pid(): number {
    return this.#child.pid!
  }

  /** @returns its exit code, or the signal that it died of */
  async end(signal: NodeJS.Signals): Promise<number | string | null> {
    started.delete(this)
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const closed = once(this.#child, 'close')
      this.#child.kill(signal)
      await closed
    }
    return this.#child.exitCode ?? this.#child.signalCode
  }
}
