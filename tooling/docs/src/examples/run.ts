import { spawn } from 'node:child_process'
import { createServer } from 'node:net'

/** Milliseconds after which an example that does not end is killed. */
const limit = 30_000

export interface Outcome {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program in a process of its own, which must end by itself. */
export async function runProgram(command: string, args: readonly string[]): Promise<Outcome> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: limit, killSignal: 'SIGKILL' })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return { code, stdout, stderr }
}

/** The ports that the pages use in their programs; where they run, one may be taken. */
const shownPorts = /\b70\d\d\b/g

/** The same program with ports that were free a moment ago. */
export async function withFreePorts(source: string): Promise<string> {
  const ports = new Map<string, string>()
  for (const [shown] of source.matchAll(shownPorts)) if (!ports.has(shown)) ports.set(shown, await freePort())
  return source.replaceAll(shownPorts, (shown) => ports.get(shown) ?? shown)
}

async function freePort(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return String(port)
}
