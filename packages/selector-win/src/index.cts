/**
 * The readiness backend of `@loop/core` for Windows: `AfdSelector` and `SelectSelector` over one native addon.
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

interface SelectorBinding {
  readonly abi: number
  readonly constants: Readonly<Record<string, number>>
  readonly sockets: Readonly<Record<string, NativeFunction>>
  readonly AfdSelector: NativeClass
  readonly SelectSelector: NativeClass
  readonly WaiterThread: NativeClass
}

/** A `SelectorBackend` of core's contract. */
export interface WindowsBackend {
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
  readonly pollers: Readonly<Record<'afd' | 'select', NativeClass>>
  /** The host's loop cannot watch them, so a thread waits. */
  readonly drivers: Readonly<Record<'WaiterThread', NativeClass>>
  /** The system calls. */
  readonly sockets: Readonly<Record<string, NativeFunction>>
}

const manifest = require('../package.json') as Manifest

/** The addon's file for this process, whether or not it exists. */
export function prebuild(): string {
  return join(__dirname, '../prebuilds', `${process.platform}-${process.arch}`, 'loop.node')
}

/**
 * Loads the addon, which every backend of `@loop/core` exports under this name.
 *
 * @param path another build of the addon than this package's own
 * @throws what `require` throws, as it is: core says what was tried and how to repair it
 */
export function load(path: string = prebuild()): WindowsBackend {
  const { abi, constants, sockets, AfdSelector, SelectSelector, WaiterThread } = require(path) as SelectorBinding
  return {
    kind: 'selector',
    abi,
    package: manifest.name,
    version: manifest.version,
    constants: Object.freeze(constants),
    pollers: { afd: AfdSelector, select: SelectSelector },
    drivers: { WaiterThread },
    sockets: Object.freeze(sockets),
  }
}
