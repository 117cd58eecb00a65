import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'

/** The command is tested as the process that a user starts; CI does so with every line of Node. */
const node = process.env['CLI_TEST_NODE'] ?? process.execPath
const loop = fileURLToPath(new URL('../bin/loop.mjs', import.meta.url))

const children = new Set<ChildProcess>()
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})

/** A process whose output is watched. */
export class Running {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  /** Ends with the exit code, or the signal's name. */
  readonly ended: Promise<number | string>
  #heard = () => {}
  #read = 0

  constructor(command: string, args: readonly string[], env: Record<string, string> = {}) {
    // What CI sets for our own processes is not what a user has.
    const { LOOP_PS: _, LOOP_DEBUG: __, ...rest } = process.env
    this.child = spawn(command, args, { env: { ...rest, NODE_DISABLE_COLORS: '1', TERM: 'dumb', ...env } })
    children.add(this.child)
    this.child.stdout!.on('data', (data) => this.#hear('stdout', data))
    this.child.stderr!.on('data', (data) => this.#hear('stderr', data))
    this.ended = new Promise((resolve) => this.child.on('close', (code, signal) => resolve(code ?? signal!)))
    void this.ended.then(() => this.#heard())
  }

  get pid(): number {
    return this.child.pid!
  }

  /** Waits until `text` stands in the output, after what was waited for before. */
  async until(text: string): Promise<void> {
    let over = false
    void this.ended.then(() => {
      over = true
    })
    for (let at = -1; ; ) {
      at = this.stdout.indexOf(text, this.#read)
      if (at >= 0) {
        this.#read = at + text.length
        return
      }
      if (over) throw new Error(`It ended without ${JSON.stringify(text)}:\n${this.stdout}\n${this.stderr}`)
      await new Promise<void>((resolve) => {
        this.#heard = resolve
      })
    }
  }

  write(text: string): void {
    this.child.stdin!.write(text)
  }

  #hear(stream: 'stdout' | 'stderr', data: Buffer): void {
    this[stream] += String(data)
    this.#heard()
  }
}

/** Starts `loop ARGS`. */
export function start(args: readonly string[], env: Record<string, string> = {}): Running {
  return new Running(node, [loop, ...args], env)
}

/** Runs `loop ARGS` to its end. */
export async function command(args: readonly string[], env: Record<string, string> = {}, input = '') {
  const running = start(args, env)
  running.child.stdin!.end(input)
  const code = await running.ended
  return { code, stdout: running.stdout, stderr: running.stderr }
}

/** The same at a terminal, by `script` of util-linux. */
export function atTerminal(args: readonly string[]): Running {
  const quoted = [node, loop, ...args].map((part) => `'${part}'`).join(' ')
  return new Running('script', ['--quiet', '--return', '--command', quoted, '/dev/null'])
}

/** Starts a program of `programs/` and waits until it says that it is ready. */
export async function program(name: string, env: Record<string, string> = {}): Promise<Running> {
  const running = new Running(node, [fileURLToPath(new URL(`programs/${name}.mjs`, import.meta.url))], env)
  await running.until('ready\n')
  return running
}
