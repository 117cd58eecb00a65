/**
 * The Linux backend of `@loop/core`: `EpollSelector`, `PollSelector` and `SelectSelector` over one native addon.
 *
 * What the addon's functions do is written in core's `backend/contract.ts`, which asserts the shape of what {@link load}
 * gives. A backend depends on nothing of ours, so the types here say no more than what this file itself touches.
 *
 * @module
 */
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'

interface Manifest {
  readonly name: string
  readonly version: string
}

/** A function of the addon: zero or more is its result, a negative number is `-errno`. */
export type NativeFunction = (...args: never[]) => unknown
/** A class of the addon. */
export type NativeClass = new (...args: never[]) => object

/** Descriptors that Linux gives without a socket. Each result is a descriptor or `-errno`; all are non-blocking and close-on-exec. */
export interface LinuxCalls {
  /** `eventfd(2)`; `flags`: `EFD_SEMAPHORE` or 0. */
  eventfd(initial: number, flags: number): number
  /** `inotify_init1(2)`. */
  inotifyInit(): number
  /** `inotify_add_watch(2)`: the watch's number; `mask`: of the `IN_*` constants. */
  inotifyAddWatch(fd: number, path: string, mask: number): number
  /** `pipe2(2)`: writes the reading and the writing end into `pair`. */
  pipe2(pair: Int32Array): number
}

interface LinuxBinding {
  readonly abi: number
  readonly constants: Readonly<Record<string, number>>
  readonly sockets: Readonly<Record<string, NativeFunction>>
  readonly processes: Readonly<Record<string, NativeFunction>>
  readonly linux: LinuxCalls
  readonly EpollSelector: NativeClass
  readonly PollSelector: NativeClass
  readonly SelectSelector: NativeClass
  readonly UvDriver: NativeClass
  readonly WaiterThread: NativeClass
}

/** A `SelectorBackend` of core's contract, and what is only Linux's. */
export interface LinuxBackend {
  /** Its pollers tell readiness. */
  readonly kind: 'selector'
  /** The number of the contract that it was built for. */
  readonly abi: number
  /** The package that gave it. */
  readonly package: string
  /** The version of the package. */
  readonly version: string
  /** The platform's numbers by their C names. */
  readonly constants: Readonly<Record<string, number>>
  /** By the names of `LOOP_BACKEND`; the first is the default. */
  readonly pollers: Readonly<Record<'epoll' | 'poll' | 'select', NativeClass>>
  /** `UvDriver` is absent where the host has no libuv loop that an addon may use. */
  readonly drivers: Readonly<Partial<Record<'UvDriver', NativeClass>> & Record<'WaiterThread', NativeClass>>
  /** The system calls. */
  readonly sockets: Readonly<Record<string, NativeFunction>>
  /** Starting child processes. */
  readonly processes: Readonly<Record<string, NativeFunction>>
  /** What only Linux has. */
  readonly linux: LinuxCalls
}

const manifest = require('../package.json') as Manifest

/**
 * Whether the host was linked against musl (Alpine and its like): a binary made for glibc does not load there, and the
 * other way round. The host's own ELF header names its dynamic linker; `process.report` would tell too, but it looks up
 * the names of all open connections first.
 */
function isMusl(): boolean {
  const header = Buffer.alloc(4096)
  const fd = openSync(process.execPath, 'r')
  try {
    readSync(fd, header, 0, header.length, 0)
  } finally {
    closeSync(fd)
  }
  return header.includes('/ld-musl-')
}

/** Bun has no libuv loop and Deno's is incomplete, while both export the symbols, so it is the host's name that decides. */
function hostHasLibuv(): boolean {
  const versions: Readonly<Record<string, string | undefined>> = process.versions
  return versions['bun'] === undefined && versions['deno'] === undefined && !('Deno' in globalThis)
}

/** The addon's file for this process, whether or not it exists. */
export function prebuild(): string {
  const platform = `${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`
  return join(__dirname, '../prebuilds', platform, 'loop.node')
}

/**
 * Loads the addon, which every backend of `@loop/core` exports under this name.
 *
 * @param path another build of the addon than this package's own
 * @throws what `require` throws, as it is: core says what was tried and how to repair it
 */
export function load(path: string = prebuild()): LinuxBackend {
  const { abi, constants, sockets, processes, linux, ...classes } = require(path) as LinuxBinding
  return {
    kind: 'selector',
    abi,
    package: manifest.name,
    version: manifest.version,
    constants: Object.freeze(constants),
    pollers: { epoll: classes.EpollSelector, poll: classes.PollSelector, select: classes.SelectSelector },
    drivers: {
      ...(hostHasLibuv() ? { UvDriver: classes.UvDriver } : {}),
      WaiterThread: classes.WaiterThread,
    },
    sockets: Object.freeze(sockets),
    processes: Object.freeze(processes),
    linux: Object.freeze(linux),
  }
}
