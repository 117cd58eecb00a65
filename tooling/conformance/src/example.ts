import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const folder = new URL('../../../examples/', import.meta.url)

export interface End {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

/** A program of `examples/` that runs in a process of its own. */
export class Example implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<End>
  #stdout = ''
  #stderr = ''
  #changed = () => {}

  constructor(name: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) {
    const file = fileURLToPath(new URL(`${name}.mjs`, folder))
    // Debug mode warns of slow callbacks on a busy machine, which is not what standard error is looked at for.
    const child = spawn(process.execPath, ['--no-warnings', file, ...args], { env: { ...process.env, ...env } })
    this.#child = child
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text
      this.#changed()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text
    })
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve({ code, signal, stdout: this.#stdout, stderr: this.#stderr })
        this.#changed()
      })
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  get stdout(): string {
    return this.#stdout
  }

  /** Waits until it has printed what `pattern` matches. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#stdout)
      if (found !== null) return found
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) {
        const { code, signal, stderr } = await this.#ended
        throw new Error(`it ended with ${signal ?? code} before it printed ${pattern}: ${this.#stdout}${stderr}`)
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve
      })
    }
  }

  /** Its standard input, and the end of it. */
  input(text: string): void {
    this.#child.stdin.end(text)
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  ended(): Promise<End> {
    return this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}
