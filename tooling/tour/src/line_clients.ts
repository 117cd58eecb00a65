import { openConnection, TaskGroup } from '@loop/core'
import { withServer } from './server_process.js'

export interface Exchange {
  messages: number
  seconds: number
}

const pipelined = 20

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
