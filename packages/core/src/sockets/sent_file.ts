import { fstat, read } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { currentBackend } from '../backend/load.js'
import { errno } from '../errors/errno.js'
import { isSystemError, systemError } from '../errors/index.js'
import type { FileLike } from '../loop/event_loop.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { type Abortable, abortable } from '../tasks/abortable.js'
import { wrapFuture } from '../tasks/ensure_future.js'
import { descriptorOf } from './descriptor.js'
import { readyDescriptor } from './readiness.js'

const statOf = promisify(fstat)
const readAt = promisify(read)

/** How a file is read: anywhere, or only what comes next. */
export type FileKind = 'seekable' | 'pipe' | 'stream'

/** An open file that is being sent: how to read it, and whose it is. */
export class SentFile {
  readonly fd: number
  readonly kind: FileKind
  readonly #handle: FileHandle | null

  /** @param handle what was opened for this; null: the descriptor is the caller's */
  constructor(fd: number, kind: FileKind, handle: FileHandle | null) {
    this.fd = fd
    this.kind = kind
    this.#handle = handle
  }

  /** Up to `size` bytes into `memory`: how many came, 0 at the end. `position` counts where the file is seekable. */
  async read(
    loop: SocketEventLoop,
    memory: Buffer,
    size: number,
    position: number,
    options: Abortable,
  ): Promise<number> {
    for (;;) {
      if (this.kind !== 'seekable') await this.#readable(loop, options)
      const at = this.kind === 'seekable' ? position : null
      // A handle's own method, so that closing the handle waits for the read: the number must not be reused under it.
      const reading =
        this.#handle === null ? readAt(this.fd, memory, 0, size, at) : this.#handle.read(memory, 0, size, at)
      try {
        // Wrapped, so that a cancellation reaches it; the read itself ends by itself.
        return (await abortable(wrapFuture(reading, { loop }), options.signal)).bytesRead
      } catch (error) {
        // Somebody else took what was there.
        if (!isSystemError(error) || error.code !== 'EAGAIN') throw error
      }
    }
  }

  /** A read that had to wait would hold one of the host's few threads, and could not be cancelled. */
  async #readable(loop: SocketEventLoop, options: Abortable): Promise<void> {
    try {
      await readyDescriptor(loop, this.fd, 'reader', options)
    } catch (error) {
      // Devices like /dev/zero have no readiness: they never wait. Windows has it for sockets alone.
      if (!isSystemError(error) || (error.code !== 'EPERM' && error.code !== 'ENOTSOCK')) throw error
    }
  }
}

/** What is to be sent of a file, and how much of it is. */
export interface Stretch {
  readonly offset: number
  /** Infinity: to the end. */
  readonly count: number
  sent: number
}

/** @throws TypeError, RangeError for what is neither a path nor an open descriptor */
export function checkFile(file: FileLike): void {
  if (typeof file !== 'string' && !(file instanceof URL)) descriptorOf(file)
}

/**
 * A path is opened for the time of `use`; a descriptor stays the caller's, and is left where the sending stopped.
 * @throws TypeError, RangeError at the call for what is no file
 */
export function withFile<T>(
  loop: SocketEventLoop,
  file: FileLike,
  stretch: Stretch,
  use: (file: SentFile) => Promise<T>,
): Promise<T> {
  return typeof file === 'string' || file instanceof URL
    ? opened(loop, file, stretch, use)
    : given(descriptorOf(file), stretch, use)
}

async function given<T>(fd: number, stretch: Stretch, use: (file: SentFile) => Promise<T>): Promise<T> {
  const kind = await kindOf(fd, stretch.offset)
  try {
    return await use(new SentFile(fd, kind, null))
  } finally {
    if (kind === 'seekable' && stretch.sent > 0) currentBackend().sockets.lseek(fd, stretch.offset + stretch.sent)
  }
}

async function opened<T>(
  loop: SocketEventLoop,
  path: string | URL,
  stretch: Stretch,
  use: (file: SentFile) => Promise<T>,
): Promise<T> {
  const handle = await open(path)
  // The loop may be closed while we wait, and then nobody comes back here.
  loop._files.add(handle)
  try {
    return await use(new SentFile(handle.fd, await kindOf(handle.fd, stretch.offset), handle))
  } finally {
    loop._files.delete(handle)
    await handle.close()
  }
}

async function kindOf(fd: number, offset: number): Promise<FileKind> {
  const stats = await statOf(fd)
  if (stats.isFile() || stats.isBlockDevice()) return 'seekable'
  if (offset > 0) {
    throw systemError(-errno.ESPIPE, 'sendfile', {
      message: 'only a regular file can be sent from an offset',
    })
  }
  return stats.isFIFO() ? 'pipe' : 'stream'
}
