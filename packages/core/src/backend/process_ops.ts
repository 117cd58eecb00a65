/** The half of the contract with backends that is about processes. */

/** What becomes of a standard descriptor of a child, beside a descriptor of the parent's: `SpawnRequest.stdio`. */
export const STDIO_INHERIT = -1
/** Nothing to read, and nowhere to write. */
export const STDIO_NULL = -2

/** The process to start. Strings hold no NUL. */
export interface SpawnRequest {
  /** What to execute: the first that is there. */
  readonly files: readonly string[]
  /** Its arguments, the first being what it is called. */
  readonly args: readonly string[]
  /** `NAME=value` each; null: what the C library knows as this process's, asked for by the thread that may change it. */
  readonly env: readonly string[] | null
  /** Its working directory; null: the parent's. */
  readonly cwd: string | null
  /** For 0, 1 and 2: a descriptor, {@link STDIO_INHERIT} or {@link STDIO_NULL}. */
  readonly stdio: Int32Array
  /** What the child keeps beside them, under the same numbers. */
  readonly passFds: Int32Array
  /** Close everything else, not only what is close-on-exec. */
  readonly closeFds: boolean
  /** setsid(2). */
  readonly newSession: boolean
  /** The terminal that controls the new session, or -1. */
  readonly terminal: number
  /** -1: the parent's; 0: one of its own; else the group to join. */
  readonly processGroup: number
  /** setuid(2); null: the parent's. */
  readonly uid: number | null
  /** setgid(2); null: the parent's. */
  readonly gid: number | null
  /** The supplementary groups; null: the parent's. */
  readonly groups: Int32Array | null
  /** -1: the parent's. */
  readonly umask: number
}

/** Processes and what their standard streams go through. All by process id: a child that nobody has reaped keeps it. */
export interface ProcessOps {
  /**
   * Starts a process, with default signal dispositions and no signal blocked, on a thread that is not the caller's. A
   * descriptor that is readable when it is known how that went, and is the caller's; what the request holds was
   * duplicated when this returns. Who wants to know no longer shuts the descriptor down for reading and asks once more:
   * a process that is not known by then is killed and reaped.
   */
  spawn(request: SpawnRequest): number
  /** What is known on a descriptor of `spawn`: the process id of a program that runs by now; -errno, and the name of the call that failed, here or in the child, in `failure`; -EAGAIN: nothing yet. */
  spawned(fd: number, failure: { syscall?: string }): number
  /** A descriptor that is readable once the process has ended: pidfd_open(2), a kqueue with EVFILT_PROC; -ENOSYS where there is none. */
  pidfdOpen(pid: number): number
  /** The same, from a thread that waits for a child of ours. Blind to whether the child is reaped meanwhile. */
  waitInThread(pid: number): number
  /** Leaves a child to a thread that reaps it when it has ended, for who goes away before. */
  reapInThread(pid: number): number
  /** Reaps a child if it has ended: 1 and its exit status in `status[0]`, negative for a signal; else 0. `pidfd`: of `pidfdOpen`, or -1. */
  reap(pid: number, pidfd: number, status: Int32Array): number
  /** pipe(2), blocking and close-on-exec: writes the reading and the writing end into `pair`. */
  pipe(pair: Int32Array): number
  /** A pseudo-terminal: writes its master and slave into `pair`, blocking and close-on-exec, and gives the slave's path. 0 rows: no size is set. */
  openpty(rows: number, columns: number, pair: Int32Array): string | number
  /** The number of a user, or -ENOENT. */
  getpwnam(name: string): number
  /** The number of a group, or -ENOENT. */
  getgrnam(name: string): number
}
