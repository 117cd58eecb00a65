import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface Outcome {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface ProgramOptions {
  /** Milliseconds, 20,000 if left out, after which it is killed and the outcome's signal is SIGKILL. */
  limit?: number
  /** Of the host. */
  args?: string[]
  /** How many it may have open, on Unix: more than core has modules, which are opened side by side. */
  descriptors?: number
  /** Called with its pid once it printed a line. */
  onLine?: (pid: number) => void
}

/**
 * Runs a small program in a process of its own, for what concerns the whole process: how it ends, who keeps it alive.
 * @param source a module; `@loop/core` resolves from it
 */
export async function program(source: string, options: ProgramOptions = {}): Promise<Outcome> {
  // Beside this file, so that packages are found as they are found from here.
  const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), 'program-'))
  const file = join(folder, 'main.mjs')
  writeFileSync(file, source)
  try {
    let outcome = await runFile(file, options)
    // It was seen once in many thousands: Wine's loader gives up in a DLL of its own, before the program has a turn.
    for (let again = 0; again < 2 && wineCouldNotStart(outcome); again++) {
      console.error(`Wine could not start a process, which is tried again\n${outcome.stderr}`)
      outcome = await runFile(file, options)
    }
    return outcome
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const STATUS_DLL_INIT_FAILED = 0xc0000142

function wineCouldNotStart({ code, stdout }: Outcome): boolean {
  return process.env.LOOP_WINE === '1' && code === STATUS_DLL_INIT_FAILED && stdout === ''
}

async function runFile(file: string, options: ProgramOptions): Promise<Outcome> {
  // Debug mode warns of slow callbacks on a busy machine, which is not what standard error is looked at for.
  const command = [process.execPath, '--no-warnings', ...(options.args ?? []), file]
  if (options.descriptors !== undefined) {
    command.unshift('/bin/sh', '-c', `ulimit -n ${options.descriptors} && exec "$@"`, 'sh')
  }
  const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), options.limit ?? 20_000)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const first = !stdout.includes('\n')
    stdout += text
    if (first && stdout.includes('\n')) options.onLine?.(child.pid as number)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (...ended) => resolve(ended)),
  )
  clearTimeout(timer)
  return { code, signal, stdout, stderr }
}
