import { createRequire, isBuiltin } from 'node:module'
import { isAbsolute, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'

/** A function of the library that jobs may name, wherever they run; the package need not be found for it. */
export const jobsModule = '@loop/core/jobs'

/**
 * How `module` is named in another thread of this process, or elsewhere: the address of a file, or the name of a package.
 * @throws TypeError for what can only be resolved beside the file that says it
 */
export function moduleSpecifier(module: string | URL): string {
  if (module instanceof URL) return module.href
  if (typeof module !== 'string' || module === '')
    throw new TypeError(`module must be a URL, a path or the name of a package, not ${inspect(module)}`)
  if (/^\.{1,2}(?:[/\\]|$)/.test(module))
    throw new TypeError(
      `module ${module} is relative to a file that nobody knows: give new URL('${module}', import.meta.url)`,
    )
  return isAbsolute(module) ? pathToFileURL(module).href : module
}

const namespaces = new Map<string, Record<string, unknown>>()

/**
 * The function that `module` exports as `name`.
 * @param module as `moduleSpecifier` gives it
 * @throws TypeError if there is none; what the import throws
 */
// biome-ignore lint/complexity/noBannedTypes: any function
export async function moduleExport(module: string, name: string): Promise<Function> {
  const namespace = namespaces.get(module) ?? (await load(module))
  namespaces.set(module, namespace)
  const found = namespace[name] ?? (namespace['default'] as Record<string, unknown> | undefined)?.[name]
  if (typeof found === 'function') return found
  const functions = Object.keys(namespace).filter((key) => typeof namespace[key] === 'function')
  throw new TypeError(
    `${module} exports no function ${inspect(name)}; ${functions.length === 0 ? 'it exports none' : `it exports ${functions.join(', ')}`}`,
  )
}

/** A module that awaits, at its top level, what waits for this load: neither would ever end, and nobody would know why. */
async function load(module: string): Promise<Record<string, unknown>> {
  let turns = 0
  // Counted in turns of the host: a thread that was held up for as long has only not had the time to load it.
  const timer = setInterval(() => {
    if (++turns !== 10) return
    process.emitWarning(
      `${module} has not been loaded for a second, for a call that names it. If it awaits at its top level what waits for ` +
        'this call, neither ends: put the function into a module of its own',
      { type: 'LoopWarning', code: 'LOOP_MODULE_LOADING' },
    )
  }, 100)
  timer.unref()
  try {
    return await importModule(module)
  } finally {
    clearInterval(timer)
  }
}

async function importModule(module: string): Promise<Record<string, unknown>> {
  if (module === jobsModule) return (await import('./jobs.js')) as unknown as Record<string, unknown>
  if (/^[a-z][a-z\d+.-]+:/i.test(module) || isBuiltin(module)) return import(module)
  // A package is the program's: it need not be one that this file could import.
  const program = process.argv[1]
  const beside = createRequire(pathToFileURL(program ?? join(process.cwd(), 'index.js')))
  let path: string
  try {
    path = beside.resolve(module)
  } catch {
    // It may have no entry for `require`.
    return import(module)
  }
  return import(pathToFileURL(path).href)
}
