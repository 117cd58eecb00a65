import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getRunningLoop, timeout } from '@loop/core'
import { load } from '@loop/epoll-linux'

/** Resolves with what `read` gives once `fd` is readable. */
async function whenReadable<T>(fd: number, read: () => T): Promise<T> {
  const loop = getRunningLoop()
  const future = loop.createFuture<T>()
  loop.addReader(fd, () => {
    loop.removeReader(fd)
    future.setResult(read())
  })
  return timeout(5000, () => Promise.resolve(future))
}

/** Waits on a FIFO: Node's own `fs` would hold a pool thread for each. */
export async function readFifo(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'loop-tour-'))
  const path = join(folder, 'fifo')
  try {
    execFileSync('mkfifo', [path])
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const writer = openSync(path, constants.O_WRONLY)
    try {
      setTimeout(() => writeSync(writer, 'a line through a FIFO'), 20)
      const buffer = Buffer.alloc(100)
      return await whenReadable(reader, () => buffer.toString('utf8', 0, readSync(reader, buffer)))
    } finally {
      closeSync(reader)
      closeSync(writer)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Waits on an inotify descriptor, which Node refuses to open as a stream. Gives the names of the files that changed. */
export async function watchFolder(): Promise<string> {
  const { linux, constants: numbers } = load()
  const folder = mkdtempSync(join(tmpdir(), 'loop-tour-'))
  const fd = linux.inotifyInit()
  try {
    linux.inotifyAddWatch(fd, folder, numbers['IN_CLOSE_WRITE'] as number)
    setTimeout(() => writeFileSync(join(folder, 'made-by-the-tour.txt'), 'x'), 20)
    const buffer = Buffer.alloc(4096)
    return await whenReadable(fd, () => {
      readSync(fd, buffer)
      // struct inotify_event: wd, mask, cookie, len, then the name padded with NULs; inotify(7).
      return buffer.toString('utf8', 16, 16 + buffer.readUInt32LE(12)).replace(/\0+$/, '')
    })
  } finally {
    closeSync(fd)
    rmSync(folder, { recursive: true })
  }
}
