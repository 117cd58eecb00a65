/**
 * The macOS backend of `@loop/core`: `KqueueSelector`, `PollSelector` and `SelectSelector` over one native addon.
 *
 * What the addon's functions do is written in core's `backend/contract.ts`, which asserts the shape of what {@link load}
 * gives. A backend depends on nothing of ours, so the types here say no more than what this file itself touches.
 *
 * @module
 */
import { join } from 'node:path'

interface Manifest {
  readonly name: string
  readonly version: string
}

/** A function of the addon: zero or more is its result, a negative number is `-errno`. */
export type NativeFunction = (...args: never[]) => unknown
/** A class of the addon. */
export type NativeClass = new (...args: never[]) => object

interface DarwinBinding {
  readonly abi: number
  readonly constants: Readonly<Record<string, number>>
  readonly sockets: Readonly<Record<string, NativeFunction>>
  readonly processes: Readonly<Record<string, NativeFunction>>
  readonly KqueueSelector: NativeClass
  readonly PollSelector: NativeClass
  readonly SelectSelector: NativeClass
  readonly UvDriver: NativeClass
  readonly WaiterThread: NativeClass
}

/** A `SelectorBackend` of core's contract. */
export interface DarwinBackend {
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
  readonly pollers: Readonly<Record<'kqueue' | 'poll' | 'select', NativeClass>>
  /** `UvDriver` is absent where the host has no libuv loop that an addon may use. */
  readonly drivers: Readonly<Partial<Record<'UvDriver', NativeClass>> & Record<'WaiterThread', NativeClass>>
  /** The system calls. */
  readonly sockets: Readonly<Record<string, NativeFunction>>
  /** Starting child processes. */
  readonly processes: Readonly<Record<string, NativeFunction>>
}

const manifest = require('../package.json') as Manifest

/** Bun has no libuv loop and Deno's is incomplete, while both export the symbols, so it is the host's name that decides. */
function hostHasLibuv(): boolean {
  const versions: Readonly<Record<string, string | undefined>> = process.versions
  return versions['bun'] === undefined && versions['deno'] === undefined && !('Deno' in globalThis)
}

/** The addon's file for this process, whether or not it exists. */
export function prebuild(): string {
  return join(__dirname, '../prebuilds', `darwin-${process.arch}`, 'loop.node')
}

/**
 * Loads the addon, which every backend of `@loop/core` exports under this name.
 *
 * @param path another build of the addon than this package's own
 * @throws what `require` throws, as it is: core says what was tried and how to repair it
 */
export function load(path: string = prebuild()): DarwinBackend {
  const { abi, constants, sockets, processes, ...classes } = require(path) as DarwinBinding
  return {
    kind: 'selector',
    abi,
    package: manifest.name,
    version: manifest.version,
    constants: Object.freeze(constants),
    pollers: { kqueue: classes.KqueueSelector, poll: classes.PollSelector, select: classes.SelectSelector },
    drivers: {
      ...(hostHasLibuv() ? { UvDriver: classes.UvDriver } : {}),
      WaiterThread: classes.WaiterThread,
    },
    sockets: Object.freeze(sockets),
    processes: Object.freeze(processes),
  }
}
