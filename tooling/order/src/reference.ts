import { fileURLToPath } from 'node:url'
import type { Program } from './ast.js'
import { type Feature, featuresOf, isSince } from './features.js'
import { InterpreterProcess, type Reply } from './interpreter_process.js'
import type { Recording } from './recording.js'

/** Whose traces are the right ones. */
export interface Reference {
  readonly name: string
  readonly features: ReadonlySet<Feature>
  /** How many generated programs it has; they begin at seed 1 where they are limited. */
  readonly limit: number
  /** Whether it runs the program itself, and so any smaller one too. */
  runs(program: Program): boolean
  answer(program: Program): Promise<Reply>
  close(): void
}

export class RecordedReference implements Reference {
  readonly #recording: Recording

  constructor(recording: Recording) {
    this.#recording = recording
  }

  get name(): string {
    return `the recording of CPython ${this.#recording.version.join('.')}`
  }

  get features(): ReadonlySet<Feature> {
    return featuresOf(this.#recording.version)
  }

  get limit(): number {
    return this.#recording.seeds
  }

  runs(): boolean {
    return false
  }

  async answer(program: Program): Promise<Reply> {
    return { trace: this.#recording.trace(program), changed: [] }
  }

  close(): void {}
}

export class PythonReference implements Reference {
  readonly limit = Infinity
  readonly #process: InterpreterProcess
  readonly #recording: Recording | null

  private constructor(process: InterpreterProcess, recording: Recording | null) {
    this.#process = process
    this.#recording = recording
  }

  /**
   * @param recording answers for programs that need a later Python than this one
   * @throws if there is no such Python, or it is older than 3.11
   */
  static async start(path: string, recording: Recording | null): Promise<PythonReference> {
    const script = fileURLToPath(new URL('../python/interpret.py', import.meta.url))
    const process = await InterpreterProcess.start(path, '-B', script)
    return new PythonReference(process, recording)
  }

  get version(): readonly number[] {
    return this.#process.version
  }

  get name(): string {
    return `CPython ${this.version.join('.')}`
  }

  get features(): ReadonlySet<Feature> {
    return featuresOf(this.version)
  }

  runs(program: Program): boolean {
    const [major = 0, minor = 0] = (program.needs ?? '3.11').split('.').map(Number)
    return this.#recording === null || isSince(this.version, [major, minor])
  }

  async answer(program: Program): Promise<Reply> {
    if (this.#recording === null || this.runs(program)) return this.#process.run(program)
    return { trace: this.#recording.trace(program), changed: [] }
  }

  close(): void {
    this.#process.close()
  }
}
