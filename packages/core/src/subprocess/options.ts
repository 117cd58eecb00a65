import type { FdLike } from '../loop/event_loop.js'
import type { Abortable } from '../tasks/abortable.js'

/** A pipe between the child and this program. asyncio: `subprocess.PIPE`. */
export const PIPE = 'pipe'
/** Where standard output goes; for `stderr` only. asyncio: `subprocess.STDOUT`. */
export const STDOUT = 'stdout'
/** Nothing to read, and nowhere to write: /dev/null, NUL. asyncio: `subprocess.DEVNULL`. */
export const DEVNULL = 'ignore'

/** What one of a child's standard streams is: `'inherit'` and `null` are this program's own, a descriptor stays the caller's. */
export type Stdio = typeof PIPE | typeof DEVNULL | 'inherit' | null | FdLike

/** How large a pseudo-terminal says it is, in characters. */
export interface TerminalSize {
  /** Characters in a line. */
  columns: number
  /** Lines. */
  rows: number
}

/** asyncio's keyword arguments of `subprocess_exec`; those of Python's `subprocess.Popen` that make sense for a loop. */
export interface SubprocessOptions extends Abortable {
  /** Left out: `PIPE` for `loop.subprocess*`, inherited for `createSubprocess*`. */
  stdin?: Stdio | undefined
  /** As `stdin`. */
  stdout?: Stdio | undefined
  /** As `stdin`, or `STDOUT`. */
  stderr?: Stdio | typeof STDOUT | undefined
  /** The child's working directory; also what a program given as a relative path is relative to. */
  cwd?: string | URL | null | undefined
  /** The child's whole environment; this program's if left out. A program's name is looked up in its `PATH`. */
  env?: Readonly<Record<string, string | undefined>> | null | undefined
  /** What is executed in the place of the first argument; the shell of `*Shell`. */
  executable?: string | null | undefined
  /** Descriptors that the child keeps, under their own numbers. They stay the caller's. */
  passFds?: Iterable<FdLike> | undefined
  /** Close every other descriptor above 2 in the child; true. `false` leaves open what is not close-on-exec. */
  closeFds?: boolean | undefined
  /** setsid(2): a session, and so a process group, of its own, without a controlling terminal. */
  startNewSession?: boolean | undefined
  /** setpgid(2): 0 for a group of its own, or the group to join. */
  processGroup?: number | null | undefined
  /** setuid(2), by number or name. */
  user?: number | string | null | undefined
  /** setgid(2), by number or name. */
  group?: number | string | null | undefined
  /** setgroups(2): the supplementary groups, by number or name. */
  extraGroups?: Iterable<number | string> | null | undefined
  /** umask(2): permissions that files of the child do not get. */
  umask?: number | null | undefined
  /**
   * A pseudo-terminal in the place of pipes: standard input and output where they are `PIPE` or left out, standard error
   * where it is left out. It controls a new session. Output comes as the terminal shows it: with `\r\n`, and with the echo
   * of the input.
   */
  pty?: boolean | TerminalSize | undefined
  /**
   * Windows: CREATE_NEW_CONSOLE, HIGH_PRIORITY_CLASS and their like, of `constants`, joined by `|`. `processGroup: 0` is
   * CREATE_NEW_PROCESS_GROUP, `startNewSession` that and DETACHED_PROCESS. Python: `creationflags`.
   */
  creationFlags?: number | undefined
  /** Windows: no console appears for the child, and its first window is hidden. Python: `startupinfo`. */
  windowsHide?: boolean | undefined
  /**
   * Windows: the child and everything that it starts are one job object. What ends the child ends all of them: `kill`, `terminate`, and the
   * end of this program, however that comes about.
   */
  job?: boolean | undefined
  /** Aborted while the child starts: it is killed. Later: it is sent SIGTERM. */
  signal?: AbortSignal | undefined
}

/** Of `createSubprocessExec` and `createSubprocessShell`. */
export interface ProcessOptions extends SubprocessOptions {
  /** Bytes a line of `stdout` or `stderr` may have, and half of what is buffered before reading is paused; 64 KiB. */
  limit?: number | undefined
}
