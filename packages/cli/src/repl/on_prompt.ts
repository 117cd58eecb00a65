import type { REPLServer } from 'node:repl'

/**
 * Calls `listener` whenever the prompt asks for input: what was typed is over, with a result or an error. The prompt says it in
 * no other way, as errors never come back from its `eval`.
 */
export function onPrompt(server: REPLServer, listener: () => void): void {
  const displayPrompt = server.displayPrompt
  server.displayPrompt = (preserveCursor) => {
    displayPrompt.call(server, preserveCursor)
    listener()
  }
}
