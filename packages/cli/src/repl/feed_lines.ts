import { createInterface } from 'node:readline'
import type { REPLServer } from 'node:repl'
import type { Readable, Writable } from 'node:stream'
import { onPrompt } from './on_prompt.js'

/**
 * Gives a prompt the lines of a pipe, each when it asks for the next. A terminal is held back while the prompt awaits; of a
 * pipe it would take all lines at once, and run them side by side.
 * @param input what the prompt reads from
 */
export async function feedLines(source: Readable, server: REPLServer, input: Writable): Promise<void> {
  let asked = () => {}
  let ended = false
  onPrompt(server, () => asked())
  server.once('exit', () => {
    ended = true
    asked()
  })
  for await (const line of createInterface({ input: source })) {
    const over = new Promise<void>((resolve) => {
      asked = resolve
    })
    input.write(`${line}\n`)
    await over
    if (ended) break
  }
  input.end()
  // After `.exit` the other side may keep the pipe open, which would keep this process alive.
  source.destroy()
}
