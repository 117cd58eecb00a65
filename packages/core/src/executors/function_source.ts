import { createRequire, Module } from 'node:module'
import { dirname, join } from 'node:path'
import { inspect } from 'node:util'
import { freeVariables } from './free_variables.js'

// biome-ignore lint/complexity/noBannedTypes: any function
type AnyFunction = Function

/** A function as it crosses. */
export interface FunctionSource {
  readonly source: string
  readonly name: string
}

const sources = new WeakMap<AnyFunction, FunctionSource>()
/** A function that is written where it is used is another one at each use; its source is the same. */
const checked = new Set<string>()
const compiled = new Map<string, AnyFunction>()
const rememberedSources = 500
const program = process.argv[1]

/**
 * What makes `fn` again elsewhere.
 * @throws TypeError if that would be another function: it uses variables of the code around it, is native, bound, a class
 *   or a generator
 */
export function sourceOf(fn: AnyFunction): FunctionSource {
  const known = sources.get(fn)
  if (known !== undefined) return known
  if (typeof fn !== 'function') throw new TypeError(`fn must be a function, not ${inspect(fn, { depth: 0 })}`)
  const source = Function.prototype.toString.call(fn)
  const { name } = fn
  if (!checked.has(source)) {
    mustBeSelfContained(source, name)
    if (checked.size >= rememberedSources) checked.clear()
    checked.add(source)
  }
  const result = { source, name }
  sources.set(fn, result)
  return result
}

/** The function that `source` is. Variables of the code around it are gone; it may call itself by `name`. */
export function functionFrom({ source, name }: FunctionSource): AnyFunction {
  let fn = compiled.get(source)
  if (fn === undefined) {
    fn = compile(source, name)
    if (compiled.size >= rememberedSources) compiled.clear()
    compiled.set(source, fn)
  }
  return fn
}

function mustBeSelfContained(source: string, name: string): void {
  if (/\{\s*\[native code\]\s*\}$/.test(source)) throw cannotCross(name, 'it is native or bound and has no source')
  if (/^class\b/.test(source)) throw cannotCross(name, 'it is a class')
  if (/^(?:async\s*)?(?:function\s*)?\*/.test(source))
    throw cannotCross(name, 'it is a generator, whose values stay where they are made')
  const free = freeVariables(source, name)
  if (free.length > 0) {
    const names = free.map((free) => `\`${free}\``).join(', ')
    throw cannotCross(
      name,
      `it uses ${names} of the code around it, and only the function's own source crosses. Pass ${free.length === 1 ? 'it as an argument' : 'them as arguments'}, import inside the function (await import(...), require(...))`,
    )
  }
  try {
    functionFrom({ source, name })
  } catch (error) {
    throw cannotCross(name, `its source alone is not a function: ${(error as Error).message}`, error)
  }
}

function cannotCross(name: string, why: string, cause?: unknown): TypeError {
  return new TypeError(
    `The function ${name || '(anonymous)'} cannot be called in another thread: ${why}. ` +
      'A function that a module exports can: { module: new URL(...), name }',
    cause === undefined ? undefined : { cause },
  )
}

function compile(source: string, name: string): AnyFunction {
  const bodies = [`return (${source}\n)`, `return Object.values({ ${source}\n})[0]`]
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name))
    bodies.unshift(`const ${name} = (${source}\n); return ${name}`)
  let failure: unknown
  for (const body of bodies) {
    try {
      const fn = evaluate(body)
      if (typeof fn === 'function') return fn
    } catch (error) {
      failure ??= error
    }
  }
  throw failure ?? new SyntaxError('it gives no function')
}

/**
 * What esbuild (in tsx and others) and Vite (in Vitest) put into the functions that they transform. Other names that tools
 * add belong to the module around the function.
 */
const helpers = 'const __name = (fn) => fn, __vite_ssr_dynamic_import__ = (specifier) => import(specifier);'

/** Evaluated as a CommonJS module beside the program, so that what the function imports is found as the program finds it. */
function evaluate(body: string): unknown {
  const file = join(program === undefined ? process.cwd() : dirname(program), '(self-contained function)')
  const module = new Module(file) as Module & { _compile(code: string, file: string): void }
  module.filename = file
  module.paths = createRequire(file).resolve.paths('any package') ?? []
  module._compile(`'use strict'; ${helpers} module.exports = (() => { ${body} })()`, file)
  return module.exports
}
