import type { SubprocessOptions } from '../../subprocess/options.js'
import type { Abortable } from '../../tasks/abortable.js'
import type { BaseProtocol, StreamingProtocol, SubprocessProtocol } from '../../transports/protocols.js'
import type { ReadTransport, SubprocessTransport, WriteTransport } from '../../transports/transport.js'
import type { FileLike } from './awaitable.js'

/** Pipes, child processes, signals. */
export interface Processes {
  /**
   * Joins the reading end of a pipe, FIFO, socket or character device with a protocol.
   * @param pipe the transport's from now on, which makes it non-blocking and closes it; a path is opened first
   * @throws RangeError for a regular file, which is read with `node:fs`
   *
   * asyncio: `connect_read_pipe`. pipe(7).
   */
  connectReadPipe<P extends StreamingProtocol<ReadTransport>>(
    protocolFactory: () => P,
    pipe: FileLike,
    options?: Abortable,
  ): Promise<[ReadTransport, P]>

  /**
   * As `connectReadPipe`, for the writing end.
   *
   * asyncio: `connect_write_pipe`. pipe(7).
   */
  connectWritePipe<P extends BaseProtocol<WriteTransport>>(
    protocolFactory: () => P,
    pipe: FileLike,
    options?: Abortable,
  ): Promise<[WriteTransport, P]>

  /**
   * Starts a program. Its standard streams are pipes unless the options say otherwise.
   * @param args the program, by its path or a name that is looked up in PATH, and its arguments
   * @throws TypeError, RangeError for wrong options at the call; later the error of the call that failed, in the child too:
   *   `execve` with the program as its `path`, `chdir` with the directory, `setuid`, ...
   *
   * asyncio: `subprocess_exec`. execve(2).
   */
  subprocessExec<P extends SubprocessProtocol>(
    protocolFactory: () => P,
    args: readonly string[],
    options?: SubprocessOptions,
  ): Promise<[SubprocessTransport, P]>

  /**
   * As `subprocessExec`, for a command line of /bin/sh, or of the shell that `executable` names.
   *
   * asyncio: `subprocess_shell`. sh(1).
   */
  subprocessShell<P extends SubprocessProtocol>(
    protocolFactory: () => P,
    cmd: string,
    options?: SubprocessOptions,
  ): Promise<[SubprocessTransport, P]>

  /**
   * Has `callback(...args)` called, in order with everything else, whenever the process gets the signal. Replaces a former one.
   * Main thread only.
   * @throws RangeError for what is no signal; LoopError for one that no process can handle; TypeError for async functions
   *
   * asyncio: `add_signal_handler`. signal(7).
   */
  addSignalHandler<A extends unknown[]>(
    signal: NodeJS.Signals | number,
    callback: (...args: A) => void,
    ...args: A
  ): void

  /** Takes it back; whether there was one. asyncio: `remove_signal_handler`. */
  removeSignalHandler(signal: NodeJS.Signals | number): boolean
}
