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

/**
 * Runs a small program in a process of its own, for what concerns the whole process: how it ends, who keeps it alive.
 * @param source a module; `@loop/core` resolves from it
 * @param options `descriptors`: how many it may have open, on Unix, more than core has modules, which are opened side by side; `limit`: milliseconds, after which it is killed and the outcome's signal is SIGKILL; `onLine`: called with its pid once it printed a line
 */
export async function program(
  source: string,
  options: { limit?: number; args?: string[]; descriptors?: number; onLine?: (pid: number) => void } = {},
): Promise<Outcome> {
  // Beside this file, so that packages are found as they are found from here.
  const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), 'program-'))
  const file = join(folder, 'main.mjs')
  writeFileSync(file, source)
  try {
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
  } finally {
    rmSync(folder, { recursive: true })
  }
}
