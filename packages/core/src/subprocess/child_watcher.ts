/**
 * How loops learn that a child has ended. Here for parity with asyncio, which gave its watchers up in 3.14: the one that
 * is best for the system is chosen without anybody's help.
 */
import { inspect } from 'node:util'
import { currentBackend } from '../backend/load.js'
import type { EventLoop } from '../loop/event_loop.js'
import { getRunningLoop } from '../loop/running.js'
import type { SocketEventLoop } from '../loop/socket_event_loop.js'
import { type ExitDescriptor, ExitWatch, processOps } from './exit_watch.js'

/** What is called when a child has ended; a negative code is the signal that ended it. */
export type ChildCallback<A extends unknown[]> = (pid: number, returncode: number, ...args: A) => void

/** What a loop keeps of a child that it waits for. */
export interface ChildWatch {
  close(): void
}

/** How loops learn that a child has ended. There for parity: nobody has to choose one. asyncio: `AbstractChildWatcher`. */
export abstract class AbstractChildWatcher {
  /** Calls `callback(pid, returncode, ...args)` on the running loop when the child has ended, and reaps it. Replaces a former one. */
  abstract addChildHandler<A extends unknown[]>(pid: number, callback: ChildCallback<A>, ...args: A): void
  /** Whether there was one. */
  abstract removeChildHandler(pid: number): boolean
  /** Watchers that belong to one loop are told which. */
  attachLoop(_loop: EventLoop | null): void {}
  /** Whether children can be started: those of one that is closed cannot. */
  isActive(): boolean {
    return true
  }
  /** Lets go of what it holds. */
  close(): void {}
  /** Disposing a watcher closes it. */
  [Symbol.dispose](): void {
    this.close()
  }

  /** @internal for the children of `loop` itself, which need not be running */
  _watch(_loop: SocketEventLoop, pid: number, callback: (returncode: number) => void): ChildWatch {
    this.addChildHandler(pid, (_pid, returncode) => callback(returncode))
    return { close: () => this.removeChildHandler(pid) }
  }
}

/** Through a descriptor for each child, with the loop that started it. */
abstract class DescriptorChildWatcher extends AbstractChildWatcher {
  readonly #watches = new Map<number, ExitWatch>()
  readonly #how: ExitDescriptor

  constructor(how: ExitDescriptor) {
    super()
    this.#how = how
  }

  override addChildHandler<A extends unknown[]>(pid: number, callback: ChildCallback<A>, ...args: A): void {
    if (typeof callback !== 'function') throw new TypeError(`A function is required, not ${inspect(callback)}`)
    const loop = getRunningLoop() as SocketEventLoop
    const watch = new ExitWatch(loop, pid, this.#how, (returncode) => {
      this.#watches.delete(pid)
      callback(pid, returncode, ...args)
    })
    this.#watches.get(pid)?.close()
    this.#watches.set(pid, watch)
  }

  override removeChildHandler(pid: number): boolean {
    this.#watches.get(pid)?.close()
    return this.#watches.delete(pid)
  }

  override _watch(loop: SocketEventLoop, pid: number, callback: (returncode: number) => void): ChildWatch {
    return new ExitWatch(loop, pid, this.#how, callback)
  }
}

/**
 * A pidfd for each child: neither threads nor signals. Linux 5.3; on macOS a kqueue with that process in it does the same.
 * asyncio: `PidfdChildWatcher`.
 */
export class PidfdChildWatcher extends DescriptorChildWatcher {
  constructor() {
    const syscall = process.platform === 'darwin' ? 'kevent' : 'pidfd_open'
    super({ syscall, open: (processes, pid) => processes.pidfdOpen(pid), isPidfd: true })
  }
}

/** A thread for each child, which waits for it: for systems without pidfds. asyncio: `ThreadedChildWatcher`. */
export class ThreadedChildWatcher extends DescriptorChildWatcher {
  constructor() {
    super({ syscall: 'pthread_create', open: (processes, pid) => processes.waitInThread(pid), isPidfd: false })
  }
}

/** @internal what `LOOP_CHILD_WATCHER` asks for (`pidfd` or `thread`), or the best that the system has */
export function newChildWatcher(): AbstractChildWatcher {
  const wanted = process.env['LOOP_CHILD_WATCHER'] || (hasPidfds() ? 'pidfd' : 'thread')
  if (wanted === 'pidfd') return new PidfdChildWatcher()
  if (wanted === 'thread') return new ThreadedChildWatcher()
  throw new RangeError(`LOOP_CHILD_WATCHER=${wanted} names no child watcher: it can be pidfd or thread`)
}

/** A sandbox may forbid what the kernel has. */
function hasPidfds(): boolean {
  const fd = processOps().pidfdOpen(process.pid)
  if (fd < 0) return false
  currentBackend().sockets.close(fd)
  return true
}
