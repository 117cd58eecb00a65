import { fileURLToPath } from 'node:url'
import * as core from '@loop/core'
import { supportOf } from '@loop/core/capabilities'
import { Declarations } from './declarations.js'
import { parseReference, type Reference } from './reference.js'
import type { Row } from './row.js'

/** `@loop/core` as it was built: what can be imported from it, and what its declarations say. */
export class BuiltPackage {
  readonly #declarations = new Declarations(
    fileURLToPath(new URL('../types/index.d.ts', import.meta.resolve('@loop/core'))),
  )

  /** Whether everything that the row names is there and does something. */
  gives(row: Row): boolean {
    if (row.feature !== null && supportOf(row.feature, 'epoll', 'linux') !== true) return false
    return row.names.length > 0 && row.names.every((name) => this.has(name))
  }

  has(name: string): boolean {
    const reference = parseReference(name)
    return this.#declarations.has(reference) && this.#isThere(reference) && !isMissing(reference)
  }

  /** A declaration is a promise: what is declared as a value must be among what an `import` gives. */
  #isThere({ name }: Reference): boolean {
    return !this.#declarations.isValue(name) || exported[name] !== undefined
  }
}

const exported: Readonly<Record<string, unknown>> = core

/**
 * The contract of loops has every method and each throws `NotImplementedError` unless a loop overrides it: a method counts
 * when a loop has it, a class when its loops could run.
 */
function isMissing({ name, member }: Reference): boolean {
  if (name === 'EventLoop') return member !== null && isContractOnly(core.SelectorEventLoop, member)
  const value = exported[name] as typeof core.EventLoop | undefined
  return value?.prototype instanceof core.EventLoop && isContractOnly(value, 'callSoon')
}

function isContractOnly({ prototype }: { prototype: unknown }, member: string): boolean {
  const contract = Object.getOwnPropertyDescriptor(core.EventLoop.prototype, member)?.value as unknown
  return typeof contract === 'function' && (prototype as Record<string, unknown>)[member] === contract
}
