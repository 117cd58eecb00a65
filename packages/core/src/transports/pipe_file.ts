import { fstatSync } from 'node:fs'
import { inspect } from 'node:util'
import { currentBackend } from '../backend/load.js'
import { systemError } from '../errors/index.js'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import type { FdLike } from '../loop/event_loop.js'
import type { StreamOps, TransportFile } from './descriptor_transport.js'

/** Read and written with read(2) and write(2), which every kind of descriptor knows. */
let fileOps: StreamOps | null = null

/**
 * A descriptor that a pipe transport was given, and closes. It is made non-blocking, and stays so: the mode belongs to
 * the open file description, so that a duplicate which others use (another transport among them) would start to block
 * if it were turned back. Node itself restores its standard streams when the process ends.
 */
export class PipeFile implements TransportFile {
  /** What the user handed over. */
  readonly file: FdLike
  /** A writer of one of these is told when the last reader goes. */
  readonly kind: PipeKind
  readonly _ops: StreamOps
  readonly #loop: BaseEventLoop
  #fd: number

  constructor(loop: BaseEventLoop, file: FdLike, fd: number, kind: PipeKind) {
    const { sockets } = currentBackend()
    fileOps ??= { recv: sockets.read, send: sockets.write, sendv: sockets.sendv }
    this._ops = fileOps
    this.#loop = loop
    this.file = file
    this.kind = kind
    this.#fd = fd
    const result = sockets.setNonblocking(fd, true)
    if (result < 0) throw systemError(result, 'fcntl')
  }

  fileno(): number {
    return this.#fd
  }

  /** Through the object it came with, if that closes what it holds: two owners of a number would close it twice. */
  close(): void {
    const fd = this.#fd
    if (fd === -1) return
    this.#fd = -1
    const owner = this.file as { close?: unknown; destroy?: unknown }
    if (typeof owner.close === 'function') this.#watch(owner.close())
    else if (typeof owner.destroy === 'function') owner.destroy()
    else currentBackend().sockets.close(fd)
  }

  /** A `FileHandle` closes in the background. */
  #watch(closing: unknown): void {
    Promise.resolve(closing).catch((exception) => {
      this.#loop.callExceptionHandler({ message: `Closing ${inspect(this.file, { depth: 0 })} failed`, exception })
    })
  }
}

export type PipeKind = 'fifo' | 'socket' | 'other'

/**
 * What a pipe transport can be made of.
 * @throws RangeError for a regular file, a directory or a block device; the error of fstat(2)
 */
export function pipeKindOf(fd: number, file: unknown, method: string): PipeKind {
  const stats = fstatSync(fd)
  if (stats.isFIFO()) return 'fifo'
  if (stats.isSocket()) return 'socket'
  const refused = stats.isFile()
    ? 'a regular file'
    : stats.isDirectory()
      ? 'a directory'
      : stats.isBlockDevice()
        ? 'a block device'
        : null
  if (refused === null) return 'other'
  throw new RangeError(
    `${method}() takes a pipe, a FIFO, a terminal or another character device, or a socket; ` +
      `${inspect(file, { depth: 0 })} is ${refused}, which is always ready and never waits: use node:fs for it`,
  )
}
