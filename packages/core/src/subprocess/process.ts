import { inspect } from 'node:util'
import { isSystemError, LoopError } from '../errors/index.js'
import { bytesOf } from '../sockets/data.js'
import type { StreamReader } from '../streams/stream_reader.js'
import type { StreamWriter } from '../streams/stream_writer.js'
import type { Abortable } from '../tasks/abortable.js'
import type { Data } from '../transports/transport.js'
import type { BaseSubprocessTransport } from './base_subprocess_transport.js'
import type { SubprocessStreamProtocol } from './subprocess_stream_protocol.js'

/**
 * A child process with streams. Made by `createSubprocessExec` and `createSubprocessShell`. Disposing it (`await using`)
 * kills it if it still runs, and waits for its end. asyncio: `subprocess.Process`.
 */
export class Process implements AsyncDisposable {
  /** Its process id. */
  readonly pid: number
  /** What it reads, if that is a pipe or a terminal of this program's. */
  readonly stdin: StreamWriter | null
  /** What it writes, likewise. */
  readonly stdout: StreamReader | null
  /** What it writes of errors, likewise. */
  readonly stderr: StreamReader | null
  readonly #transport: BaseSubprocessTransport

  /** @internal */
  constructor(transport: BaseSubprocessTransport, protocol: SubprocessStreamProtocol) {
    this.#transport = transport
    this.pid = transport.getPid()
    this.stdin = protocol.stdin
    this.stdout = protocol.stdout
    this.stderr = protocol.stderr
  }

  /** null while it runs; its exit code; negative: the signal that ended it. */
  get returncode(): number | null {
    return this.#transport.getReturncode()
  }

  /**
   * Waits until it has ended and its pipes have too, which a grandchild that inherited them delays. Any number of times.
   * @returns `returncode`
   */
  wait(options?: Abortable): Promise<number> {
    return this.#transport._wait(options)
  }

  /**
   * Sends `input`, closes standard input, reads everything, and waits for the end: all at the same time, so that neither
   * side blocks the other. A child that does not read its input is no error.
   * @returns standard output and standard error; null for what is no pipe
   * @throws TypeError for other input; LoopError if there is input and standard input is no pipe
   */
  communicate(input?: Data | null, options: Abortable = {}): Promise<[Buffer | null, Buffer | null]> {
    const bytes = input == null ? null : bytesOf(input)
    if (bytes !== null && this.stdin === null) {
      throw new LoopError(
        'There is input, but nowhere to send it: start the process with stdin: PIPE',
        'ERR_LOOP_STATE',
      )
    }
    return this.#communicate(bytes, options)
  }

  /**
   * Sends it a signal.
   * @throws TypeError, RangeError; `ESRCH` once it has ended
   */
  sendSignal(signal: NodeJS.Signals | number): void {
    this.#transport.sendSignal(signal)
  }

  /** Asks it to end: SIGTERM. */
  terminate(): void {
    this.#transport.terminate()
  }

  /** Ends it: SIGKILL. */
  kill(): void {
    this.#transport.kill()
  }

  /** Kills it if it still runs, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#transport.close()
    await this.wait()
  }

  async #communicate(input: Uint8Array | null, options: Abortable): Promise<[Buffer | null, Buffer | null]> {
    const ending = new AbortController()
    const signal = options.signal === undefined ? ending.signal : AbortSignal.any([options.signal, ending.signal])
    try {
      const [stdout, stderr] = await Promise.all([
        this.#readAll(this.stdout, 1, signal),
        this.#readAll(this.stderr, 2, signal),
        this.#feed(input, signal),
      ])
      await this.wait(options)
      return [stdout, stderr]
    } catch (error) {
      // What the others wait for can be waited for again.
      ending.abort()
      throw error
    }
  }

  async #feed(input: Uint8Array | null, signal: AbortSignal): Promise<void> {
    const { stdin } = this
    if (stdin === null) return
    try {
      if (input !== null) {
        stdin.write(input)
        await stdin.drain({ signal })
      }
    } catch (error) {
      if (!isSystemError(error) || (error.code !== 'EPIPE' && error.code !== 'ECONNRESET')) throw error
    }
    stdin.close()
  }

  async #readAll(stream: StreamReader | null, fd: number, signal: AbortSignal): Promise<Buffer | null> {
    if (stream === null) return null
    const output = await stream.read(-1, { signal })
    this.#transport.getPipeTransport(fd)?.close()
    return output
  }

  [inspect.custom](): string {
    return `<Process ${this.pid}${this.returncode === null ? '' : ` returncode=${this.returncode}`}>`
  }
}
