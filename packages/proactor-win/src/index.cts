/**
 * The completion backend of `@loop/core` for Windows: `IocpProactor` over one native addon.
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

interface ProactorBinding {
  readonly abi: number
  readonly constants: Readonly<Record<string, number>>
  readonly sockets: Readonly<Record<string, NativeFunction>>
  readonly pipes: Readonly<Record<string, NativeFunction>>
  readonly windowsProcesses: Readonly<Record<string, NativeFunction>>
  readonly IocpProactor: NativeClass
  readonly WaiterThread: NativeClass
}

/** A `ProactorBackend` of core's contract. */
export interface WindowsBackend {
  /** It tells completions. */
  readonly kind: 'proactor'
  /** The number of the contract that it was built for. */
  readonly abi: number
  /** The package that gave it. */
  readonly package: string
  /** The version of the package. */
  readonly version: string
  /** The platform's numbers by their C names. */
  readonly constants: Readonly<Record<string, number>>
  /** By the names of `LOOP_BACKEND`. */
  readonly proactors: Readonly<Record<'iocp', NativeClass>>
  /** A completion port cannot be nested into another, so a thread waits for it. */
  readonly drivers: Readonly<Record<'WaiterThread', NativeClass>>
  /** The system calls. */
  readonly sockets: Readonly<Record<string, NativeFunction>>
  /** Named pipes. */
  readonly pipes: Readonly<Record<string, NativeFunction>>
  /** Children, which Windows knows by handles. */
  readonly windowsProcesses: Readonly<Record<string, NativeFunction>>
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
  const { abi, constants, sockets, pipes, windowsProcesses, IocpProactor, WaiterThread } = require(
    path,
  ) as ProactorBinding
  return {
    kind: 'proactor',
    abi,
    package: manifest.name,
    version: manifest.version,
    constants: Object.freeze(constants),
    proactors: { iocp: IocpProactor },
    drivers: { WaiterThread },
    sockets: Object.freeze(sockets),
    pipes: Object.freeze(pipes),
    windowsProcesses: Object.freeze(windowsProcesses),
  }
}
