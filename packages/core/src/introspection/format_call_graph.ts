import { inspect } from 'node:util'
import type { Future } from '../futures/future.js'
import { type CallGraphOptions, captureCallGraph, type FutureCallGraph } from './call_graph.js'

/** Where text can be written: `process.stdout`, a file's stream. */
export interface TextOutput {
  /** Appends text. */
  write(text: string): unknown
}

/**
 * `captureCallGraph` as text, one line a frame; empty if there is nothing to show.
 *
 * ```ts
 * import { createTask, formatCallGraph, run, sleep } from '@loop/core'
 *
 * await run(async () => {
 *   const task = createTask(() => sleep(60_000), { name: 'stuck' })
 *   await sleep(1)
 *   console.log(formatCallGraph(task).includes("name='stuck'"))
 *   task.cancel()
 * })
 * ```
 * prints
 * ```text
 * true
 * ```
 *
 * asyncio: `format_call_graph`.
 */
export function formatCallGraph(future: Future<unknown> | null = null, options: CallGraphOptions = {}): string {
  const graph = captureCallGraph(future, options)
  if (graph === null) return ''
  const lines: string[] = []
  describe(graph, '', new Set(), lines)
  return lines.join('\n')
}

/**
 * Prints `formatCallGraph`.
 * @param options `file`: where to, standard output if left out
 *
 * asyncio: `print_call_graph`.
 */
export function printCallGraph(
  future: Future<unknown> | null = null,
  options: CallGraphOptions & { file?: TextOutput | undefined } = {},
): void {
  const text = formatCallGraph(future, options)
  if (text !== '') (options.file ?? process.stdout).write(`${text}\n`)
}

function describe(graph: FutureCallGraph, indent: string, path: ReadonlySet<unknown>, lines: string[]): void {
  const again = path.has(graph.future)
  lines.push(`${indent}* ${inspect(graph.future)}${again ? ' (which waits for itself: a deadlock)' : ''}`)
  if (graph.callStack.length > 0) {
    lines.push(`${indent}  + Call stack:`)
    for (const frame of graph.callStack) lines.push(`${indent}  |   ${frame}`)
  }
  if (graph.awaitedBy.length === 0) return
  lines.push(`${indent}  + Awaited by:`)
  const longer = new Set(path).add(graph.future)
  for (const waiter of graph.awaitedBy) describe(waiter, `${indent}    `, longer, lines)
}
