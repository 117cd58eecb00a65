import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/**
 * Compiles programs as a strict user would, in one go.
 * @param sources by the name of their module
 * @param folder where they are written; packages are found from there
 * @returns the errors, by the name of the module they are in
 */
export function compile(sources: ReadonlyMap<string, string>, folder: string): Map<string, string[]> {
  const files = new Map([...sources.keys()].map((name) => [join(folder, `${name}.mts`), name]))
  for (const [file, name] of files) writeFileSync(file, sources.get(name)!)
  const program = ts.createProgram([...files.keys()], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    // Node 20 has no `using`: the compiler translates it.
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    types: ['node'],
    strict: true,
    noUncheckedIndexedAccess: true,
    noUnusedLocals: true,
    noImplicitReturns: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
  })
  const errors = new Map<string, string[]>([...sources.keys()].map((name) => [name, []]))
  for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')
    const name = diagnostic.file && files.get(diagnostic.file.fileName)
    if (name === undefined || diagnostic.file === undefined) throw new Error(message)
    const { line } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0)
    errors
      .get(name)!
      .push(`line ${line + 1}: ${message}: ${readFileSync(diagnostic.file.fileName, 'utf8').split('\n')[line]}`)
  }
  program.emit()
  return errors
}
