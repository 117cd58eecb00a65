import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openConnection, TaskGroup } from '@loop/core'

export interface Exchange {
  messages: number
  seconds: number
}

const pipelined = 20

/** Runs `node line_server.js` and gives its port to `body`; ends it by its own handle. */
async function withServer<T>(kind: 'loop' | 'net', body: (port: number) => Promise<T>): Promise<T> {
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

/**
 * `clients` tasks exchange `messages` lines with a server, each answer checked.
 * @param onProgress told after every batch how many messages that were
 */
export function exchange(
  kind: 'loop' | 'net',
  clients: number,
  messages: number,
  onProgress: (n: number) => void,
): Promise<Exchange> {
  return withServer(kind, async (port) => {
    const began = performance.now()
    await TaskGroup.run(async (group) => {
      for (let id = 0; id < clients; id++)
        group.createTask(() => client(port, id, messages / clients, onProgress), { name: `client-${id}` })
    })
    return { messages, seconds: (performance.now() - began) / 1000 }
  })
}

async function client(port: number, id: number, messages: number, onProgress: (n: number) => void): Promise<void> {
  const [reader, writer] = await openConnection({ host: '127.0.0.1', port })
  await using _ = writer
  for (let sent = 0; sent < messages; sent += pipelined) {
    const batch = Array.from(
      { length: Math.min(pipelined, messages - sent) },
      (_, i) => `client ${id} message ${sent + i}`,
    )
    await writer.write(`${batch.join('\n')}\n`)
    for (const line of batch) {
      const reply = (await reader.readline()).toString('latin1').trimEnd()
      if (reply !== [...line].reverse().join('')) throw new Error(`client ${id} sent '${line}' and got '${reply}'`)
    }
    onProgress(batch.length)
  }
}
