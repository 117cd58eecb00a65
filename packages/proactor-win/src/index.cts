/**
 * The I/O completion port backend of `@loop/core` for Windows. It is to give IocpProactor; its native part does not exist yet, and this
 * package says so instead of failing in a way that has to be puzzled out.
 *
 * @module
 */

interface Manifest {
  readonly name: string
  readonly version: string
}

const manifest = require('../package.json') as Manifest

/** Thrown by {@link load}: the package is here, what it is to load is not. */
export class BackendNotBuiltError extends Error {
  override readonly name = 'BackendNotBuiltError'
  /** Stable, for programs. */
  readonly code = 'ERR_LOOP_BACKEND_NOT_BUILT'
}

/**
 * Loads the backend's native part, which every backend of `@loop/core` exports under this name.
 *
 * @throws {BackendNotBuiltError} always, as long as there is no native part
 */
export function load(): never {
  throw new BackendNotBuiltError(
    `${manifest.name} ${manifest.version} has no native part yet, so there is no loop for Windows in this version. ` +
      'Today @loop/core runs on Linux (x64, arm64), where @loop/epoll-linux is its backend; on Windows use ' +
      'WSL, a container or a virtual machine with Linux, or set LOOP_BACKEND_PATH to an addon that you built yourself.',
  )
}
