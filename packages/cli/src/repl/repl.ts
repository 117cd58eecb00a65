import { type REPLEval, type REPLServer, start } from 'node:repl'
import { PassThrough } from 'node:stream'
import { type EventLoop, Runner, type Task } from '@loop/core'
import { feedLines } from './feed_lines.js'
import { line, outcomes } from './json_output.js'
import { defineNames } from './names.js'
import { onPrompt } from './on_prompt.js'

/**
 * `loop repl`: Node's own prompt, whose input runs in tasks of a loop that runs. What is left is cancelled at the end.
 * asyncio: `python -m asyncio`.
 * @param options `json`: no prompt, and a line of JSON for each input instead of what a reader would like to see
 */
export async function repl({ json = false }: { json?: boolean } = {}): Promise<void> {
  await using runner = new Runner()
  const loop = runner.getLoop()
  // Not by `runner.run`, which takes Ctrl-C to mean the whole program.
  await loop.runUntilComplete(async () => {
    const ended = loop.createFuture<void>()
    const terminal = process.stdin.isTTY
    if (terminal && !json) console.log(greeting(loop))
    // What is typed works with the same objects as we do, as at the prompt of `node`.
    defineNames(globalThis)
    const input = terminal ? process.stdin : new PassThrough()
    const output = json ? outcomes() : process.stdout
    if (output !== process.stdout) output.pipe(process.stdout)
    const look = json ? { prompt: '', writer: line, terminal: false } : {}
    const server = start({ input, output, useGlobal: true, breakEvalOnSigint: true, ...look })
    evaluateInTasks(server, loop)
    server.once('exit', () => ended.setResult())
    if (!terminal) await feedLines(process.stdin, server, input as PassThrough)
    await ended
  })
}

function greeting(loop: EventLoop): string {
  const { name, driver } = loop.backend
  return `asyncio in Node ${process.versions.node}: a loop on ${name} (${driver}) runs, await works.\nCtrl-C interrupts what is awaited, Ctrl-D leaves.`
}

/** What is being run. */
interface Input {
  /** Null until its first await. */
  task: Task | null
  interrupted: boolean
  end(): void
}

/** Has the prompt run what is typed in tasks: so it can be cancelled, and `currentTask()` is what it is elsewhere. */
function evaluateInTasks(server: REPLServer, loop: EventLoop): void {
  const evaluate = server.eval
  let input: Input | null = null
  const inTask: REPLEval = (code, context, file, callback) => {
    const current: Input = { task: null, interrupted: false, end: () => {} }
    input = current
    const body = () =>
      new Promise<void>((ended) => {
        current.end = ended
        evaluate.call(server, code, context, file, callback)
      })
    // What awaits nothing is over when this returns, as at the prompt of `node`.
    current.task = loop.createTask(body, { name: 'input', eagerStart: true })
    if (input !== current) return
    process.on('SIGINT', interrupt)
    if (current.interrupted) interrupt()
  }
  // Where there is no terminal that makes a key of it. Not while code runs that awaits nothing: Node can end that only if
  // nobody listens.
  const interrupt = () => void server.emit('SIGINT')
  Object.defineProperty(server, 'eval', { value: inTask })
  onPrompt(server, () => {
    process.off('SIGINT', interrupt)
    input?.end()
    input = null
  })
  // The prompt comes back at once; what was awaited is told to end, and may clean up.
  server.on('SIGINT', () => {
    if (input === null) return
    input.interrupted = true
    input.task?.cancel()
  })
}
