import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'

const here = new URL('.', import.meta.url)
const entry = fileURLToPath(new URL('../../src/index.ts', import.meta.url))

/** What `@loop/core` exports, types too. */
function exportedNames(): string[] {
  const program = ts.createProgram([entry], {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    noLib: true,
    types: [],
  })
  const checker = program.getTypeChecker()
  const module = checker.getSymbolAtLocation(program.getSourceFile(entry)!)!
  return checker.getExportsOfModule(module).map(({ name }) => name)
}

/** The identifiers inside the tests of a file that expect a type; an import alone is no test. */
function testedNames(source: string): Set<string> {
  const names = new Set<string>()
  const collect = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) names.add(node.text)
    ts.forEachChild(node, collect)
  }
  const file = ts.createSourceFile('test-d.ts', source, ts.ScriptTarget.ES2022, true)
  for (const statement of file.statements) {
    if (ts.isExpressionStatement(statement) && statement.getText().includes('expectTypeOf')) collect(statement)
  }
  return names
}

describe('type tests', () => {
  const files = readdirSync(here).filter((name) => name.endsWith('.test-d.ts'))
  const tested = new Set(files.flatMap((name) => [...testedNames(readFileSync(new URL(name, here), 'utf8'))]))

  it('every export of @loop/core has one', { timeout: 60_000 }, () => {
    const names = exportedNames()
    expect(names).toContain('run')
    expect(names).toContain('Awaitable')
    expect(names.filter((name) => !tested.has(name))).toEqual([])
  })

  it('a name that is only imported has none', () => {
    expect(testedNames("import { run } from 'x'\ntest('x', () => {})")).toEqual(new Set())
    expect(testedNames("test('x', () => { expectTypeOf<Awaitable<1>>().toBeAny() })")).toContain('Awaitable')
  })
})
