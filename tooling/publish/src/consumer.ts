import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { install, type Tarball } from './tarball.js'

/** A program that imports everything there is, in a folder of its own, compiled more strictly than we are ourselves. */
export function compileConsumer(tarballs: readonly Tarball[], folder: string): string[] {
  const modules = join(folder, 'node_modules')
  for (const tarball of tarballs) install(tarball, modules)
  linkTypesOfNode(modules)
  const entries = tarballs.flatMap(({ manifest }) => entryPoints(manifest))
  const program = entries.map((entry, i) => `import * as entry${i} from '${entry}'\nvoid entry${i}\n`).join('')
  const file = join(folder, 'consumer.mts')
  writeFileSync(file, program)
  return [
    ...errors(file, ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext),
    ...errors(file, ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler),
  ]
}

function entryPoints({ name, exports }: Tarball['manifest']): string[] {
  return Object.entries(exports ?? {})
    .filter(([, target]) => typeof target === 'object')
    .map(([path]) => name + path.slice(1))
}

/** Who compiles against Node has its types; they are the one thing that our declarations need. */
function linkTypesOfNode(modules: string): void {
  const types = dirname(createRequire(fileURLToPath(import.meta.url)).resolve('@types/node/package.json'))
  mkdirSync(join(modules, '@types'), { recursive: true })
  symlinkSync(types, join(modules, '@types/node'))
}

function errors(file: string, module: ts.ModuleKind, moduleResolution: ts.ModuleResolutionKind): string[] {
  const program = ts.createProgram([file], {
    module,
    moduleResolution,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    // Our declarations are to be compiled too, which a user may do.
    skipLibCheck: false,
    noEmit: true,
  })
  const kind = ts.ModuleResolutionKind[moduleResolution]
  const host: ts.FormatDiagnosticsHost = {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => dirname(file),
    getNewLine: () => '\n',
  }
  return ts
    .getPreEmitDiagnostics(program)
    .map((diagnostic) => `${kind}: ${ts.formatDiagnostic(diagnostic, host).trim()}`)
}
