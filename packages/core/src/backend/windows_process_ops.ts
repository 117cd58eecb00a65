/** The half of the contract with backends that is about processes of Windows, which are known by handles. */

/** The process to start. Strings hold no NUL unless they say so. */
export interface WindowsSpawnRequest {
  /** The first of these that is there is started; full paths. */
  readonly files: readonly string[]
  /** What is executed in the place of the file, which is a script of its; null: the file itself. */
  readonly interpreter: string | null
  /** What the program splits into its arguments; a NUL stands for the file that was found. */
  readonly commandLine: string
  /** `NAME=value`, each with a NUL behind it, and one NUL more; null: this process's, asked for by the thread that may change it. */
  readonly env: string | null
  /** Its working directory; null: this process's. */
  readonly cwd: string | null
  /** For 0, 1 and 2: a handle, STDIO_INHERIT or STDIO_NULL. The child inherits no other. */
  readonly stdio: readonly [number, number, number]
  /** CREATE_*, DETACHED_PROCESS, *_PRIORITY_CLASS. */
  readonly flags: number
  /** Its first window is not shown. */
  readonly hidden: boolean
  /** It and what it starts are a job, which is ended with it by `terminate` and when its last handle is closed. */
  readonly job: boolean
}

/** A child of this process, running or not; it holds handles until `close`, or until it is collected. */
export type NativeChild = object

/** Why a child could not be started. */
export interface SpawnFailure {
  /** What the system did not find or would not take. */
  what?: 'program' | 'directory' | 'other'
}

/** Processes, and what their standard streams go through. */
export interface WindowsProcessOps {
  /** CreateProcess on a thread that is not the caller's; what the request holds was duplicated when this returns. */
  spawn(request: WindowsSpawnRequest): NativeChild | number
  /** For `waitForHandle`: it tells that `spawned` has an answer, and after that answer that the child has ended. Good until `close`. */
  handle(child: NativeChild): number
  /** The process id of a child that runs by now; -errno, and what was wrong in `failure`; -EAGAIN: nothing yet. */
  spawned(child: NativeChild, failure: SpawnFailure): number
  /** What it ended with, from 0 to 2^32 - 1; -EAGAIN while it runs. */
  exitCode(child: NativeChild): number
  /** TerminateProcess, or TerminateJobObject; 0 also where it has ended already. */
  terminate(child: NativeChild, code: number): number
  /** GenerateConsoleCtrlEvent: CTRL_C_EVENT or CTRL_BREAK_EVENT for a process group of this console. */
  sendControlEvent(event: number, group: number): number
  /** Lets go of its handles; one of which `spawned` has told nothing yet is ended. Idempotent. */
  close(child: NativeChild): void
  /** GetProcessHandleCount of this process, for tests. */
  handleCount(): number
}
