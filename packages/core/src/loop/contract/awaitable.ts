import type { FileHandle } from 'node:fs/promises'
import type { Future } from '../../futures/future.js'

/** Something with a descriptor: its number, Python's `fileno()`, or Node's `fd`. */
export type FdLike =
  | number
  | {
      /** Its number. Python: `fileno`. */
      fileno(): number
    }
  | {
      /** Its number, as Node's own objects have it. */
      readonly fd: number
    }

/** A file: its descriptor, its path, or a `FileHandle` of `node:fs/promises`. */
export type FileLike = FdLike | string | URL | FileHandle

/** What can be awaited: a future, a promise, or an async function, which becomes a task of its own. */
export type Awaitable<T> = Future<T> | PromiseLike<T> | (() => PromiseLike<T>)
