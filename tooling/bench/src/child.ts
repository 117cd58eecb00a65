import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { onPath, signalNumber } from './machine.js'

export interface Launch {
  /** The core to run on; left out: any. */
  core?: number | undefined
  env?: NodeJS.ProcessEnv | undefined
  stdio?: StdioOptions
}

const alive = new Set<ChildProcess>()

// Nobody can clean up after a SIGKILL but the kernel, and a server left behind would spoil the next run.
const BOUND_TO_US = onPath('setpriv') === null ? [] : ['setpriv', '--pdeathsig', 'KILL']

/** Starts a program, on a core of its own where one is given. */
export function launch(command: readonly string[], { core, env, stdio }: Launch = {}): ChildProcess {
  // Each wrapper replaces itself by what it starts, so the child's pid is the program's own.
  const pin = core === undefined ? [] : ['taskset', '-c', String(core)]
  const [program, ...args] = [...BOUND_TO_US, ...pin, ...command] as [string, ...string[]]
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: stdio ?? ['ignore', 'pipe', 'pipe'] })
  alive.add(child)
  const gone = () => alive.delete(child)
  child.once('exit', gone)
  child.once('error', gone)
  return child
}

/** Ends one child: asks it first, insists after `patience` ms. Resolves to whether asking was enough. */
export async function end(child: ChildProcess, patience = 3000): Promise<boolean> {
  if (!alive.has(child)) return true
  const exit = once(child, 'exit')
  let asked = true
  child.kill('SIGTERM')
  const insist = setTimeout(() => {
    asked = false
    child.kill('SIGKILL')
  }, patience)
  await exit
  clearTimeout(insist)
  return asked
}

/** From now on whatever ends this process first ends every child by its pid. */
export function endChildrenWithThisProcess(): void {
  const endAll = () => {
    for (const child of alive) child.kill('SIGKILL')
  }
  process.once('exit', endAll)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + signalNumber(signal)))
  }
}

export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs a program to its end, for at most `limit` ms. */
export async function runToEnd(command: readonly string[], limit: number, options: Launch = {}): Promise<Outcome> {
  const child = launch(command, options)
  const output = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text) => (output.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text) => (output.stderr += text))
  let late = false
  const limiter = setTimeout(() => {
    late = true
    child.kill('SIGKILL')
  }, limit)
  try {
    const [code] = await once(child, 'close')
    if (late) throw new Error(`${command.join(' ')} had not ended after ${limit} ms`)
    return { code, ...output }
  } finally {
    clearTimeout(limiter)
  }
}
