import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'

/** Where an error of the system happened, as far as known. */
export interface SystemErrorDetails {
  /** The host that it is about. */
  address?: string | undefined
  /** The port that it is about. */
  port?: number | undefined
  /** The path that it is about. */
  path?: string | undefined
  /** Replaces the system's own words, for errors that need more explanation. */
  message?: string | undefined
}

/** An error of the operating system in the shape that Node gives its own. */
export interface SystemError extends Error {
  /** The C name: `ECONNREFUSED`. */
  code: string
  /** Its number, negative as Node has it. */
  errno: number
  /** The system call that failed. */
  syscall: string
  /** The host that it is about. */
  address?: string
  /** The port that it is about. */
  port?: number
  /** The path that it is about. */
  path?: string
}

/** The operation would have had to wait (`EAGAIN`, `EINPROGRESS`, `EALREADY`). Python: `BlockingIOError`. */
export class BlockingIOError extends Error implements SystemError {
  override readonly name = 'BlockingIOError'
  /** The C name: `EAGAIN`, `EINPROGRESS`, `EALREADY`. */
  declare code: string
  /** Its number, negative as Node has it. */
  declare errno: number
  /** The system call that would have waited. */
  declare syscall: string
}

/** Kept: each call of the host's function makes another map. */
const errorMap = getSystemErrorMap()

const blocking = new Set(['EAGAIN', 'EWOULDBLOCK', 'EINPROGRESS', 'EALREADY'])

/**
 * The error for a native call that returned `-errno`.
 * @param result the negative number that the native function returned
 * @param syscall the name of the system call, for the message
 */
export function systemError(result: number, syscall: string, details: SystemErrorDetails = {}): SystemError {
  const [code, words] = errorMap.get(result) ?? unlisted(-result)
  const where =
    details.path !== undefined
      ? ` '${details.path}'`
      : details.address !== undefined
        ? ` ${details.address}${details.port === undefined ? '' : `:${details.port}`}`
        : ''
  const message = `${syscall} ${code}${where}: ${details.message ?? words}`
  const error = (blocking.has(code) ? new BlockingIOError(message) : new Error(message)) as SystemError
  error.code = code
  error.errno = result
  error.syscall = syscall
  if (details.address !== undefined) error.address = details.address
  if (details.port !== undefined) error.port = details.port
  if (details.path !== undefined) error.path = details.path
  return error
}

/** libuv's table leaves out what it never reports itself, EINPROGRESS among others. */
function unlisted(errno: number): [string, string] {
  const found = Object.entries(constants.errno).find(([, number]) => number === errno)
  return [found?.[0] ?? `ERRNO_${errno}`, found?.[0] === 'EINPROGRESS' ? 'operation now in progress' : 'system error']
}

/** Whether `error` came from the operating system (or the host's resolver): those close a transport quietly, others are reported. */
export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && typeof (error as Partial<SystemError>).syscall === 'string'
}
