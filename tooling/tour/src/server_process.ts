import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Runs `node line_server.js` and gives its port to `body`; ends it by its own handle. */
export async function withServer<T>(kind: 'loop' | 'net', body: (port: number) => Promise<T>): Promise<T> {
  const child: ChildProcess = spawn(
    process.execPath,
    [fileURLToPath(new URL('line_server.js', import.meta.url)), kind],
    {
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  )
  try {
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
    const [port] = (await once(lines, 'line')) as [string]
    return await body(Number(port))
  } finally {
    child.stdin?.end()
    if (child.exitCode === null) await once(child, 'exit')
  }
}
