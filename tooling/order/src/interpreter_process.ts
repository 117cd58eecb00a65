import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Program } from './ast.js'

/** What an interpreter answers: the trace, and what the program came to that its Python does otherwise than 3.13. */
export interface Reply {
  readonly trace: readonly string[]
  readonly changed: readonly string[]
}

interface Question {
  readonly line: string
  readonly answer: (reply: Reply) => void
}

/** In seconds, each of which must have come by itself: on a machine that stood still, all would be over at once. */
const patience = 60

/**
 * A process that runs programs, one after the other. A program that ends the process, or that it never answers, gets
 * that as its trace, and the next ones are asked of a new process.
 */
export class InterpreterProcess {
  readonly #command: readonly [string, ...string[]]
  readonly #questions: Question[] = []
  #process: ChildProcessByStdio<Writable, Readable, null> | null = null
  #patience: NodeJS.Timeout | undefined
  #version: readonly number[] = []

  private constructor(command: readonly [string, ...string[]]) {
    this.#command = command
  }

  /** Rejects if the command cannot be run or does not say its version. */
  static async start(...command: [string, ...string[]]): Promise<InterpreterProcess> {
    const interpreter = new InterpreterProcess(command)
    await new Promise<void>((resolve, reject) => interpreter.#start(resolve, reject))
    return interpreter
  }

  get version(): readonly number[] {
    return this.#version
  }

  run(program: Pick<Program, 'main'>): Promise<Reply> {
    return new Promise((answer) => {
      const line = `${JSON.stringify({ main: program.main })}\n`
      this.#questions.push({ line, answer })
      // The process may be gone; then the question goes to the next one.
      if (this.#version.length > 0) this.#process?.stdin.write(line)
      if (this.#questions.length === 1) this.#wait()
    })
  }

  close(): void {
    const process = this.#process
    this.#process = null
    clearInterval(this.#patience)
    process?.stdin.end()
  }

  #start(ready: () => void, failed: (reason: Error) => void): void {
    const [file, ...args] = this.#command
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#process = child
    this.#version = []
    child.on('error', (error) => {
      this.#process = null
      failed(error)
    })
    // A process that ended on its own is noticed by its exit, not by the write that it did not take.
    child.stdin.on('error', () => {})
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (this.#process !== child) return
      if (this.#version.length > 0) return this.#answer(JSON.parse(line) as Reply)
      this.#version = (JSON.parse(line) as { version: number[] }).version
      ready()
      for (const question of this.#questions) child.stdin.write(question.line)
    })
    child.on('close', (code, signal) => {
      if (this.#process !== child) return
      this.#process = null
      const reason = `the interpreter ended with ${signal ?? `code ${code}`}`
      if (this.#version.length === 0) failed(new Error(`${this.#command.join(' ')}: ${reason}`))
      else this.#abandon(reason)
    })
  }

  #answer(reply: Reply): void {
    this.#questions.shift()?.answer(reply)
    this.#wait()
  }

  #wait(): void {
    clearInterval(this.#patience)
    if (this.#questions.length === 0) return
    let left = patience
    this.#patience = setInterval(() => {
      if (--left > 0) return
      const child = this.#process
      this.#process = null
      child?.kill('SIGKILL')
      this.#abandon(`no answer within ${patience} s`)
    }, 1000)
  }

  #abandon(reason: string): void {
    this.#start(
      () => {},
      (error) => {
        for (const question of this.#questions.splice(0)) question.answer({ trace: [error.message], changed: [] })
      },
    )
    this.#answer({ trace: [`(${reason})`], changed: [] })
  }
}
