import ts from 'typescript'
import type { Reference } from './reference.js'

/** What a built package declares to its users: the names in its `.d.ts`, looked up with the compiler. */
export class Declarations {
  readonly #checker: ts.TypeChecker
  readonly #exports: ReadonlyMap<string, ts.Symbol>

  /** @param entry path of the `.d.ts` that the package's users import */
  constructor(entry: string) {
    const program = ts.createProgram([entry], {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
      types: ['node'],
      noEmit: true,
    })
    this.#checker = program.getTypeChecker()
    const source = program.getSourceFile(entry)
    const module = source && this.#checker.getSymbolAtLocation(source)
    if (module === undefined) throw new Error(`${entry} is no module: build the package first`)
    this.#exports = new Map(this.#checker.getExportsOfModule(module).map((symbol) => [symbol.name, symbol]))
  }

  has({ name, member, options }: Reference): boolean {
    const symbol = this.#exports.get(name)
    if (symbol === undefined) return false
    const types = this.#typesOf(symbol)
    const described = member === null ? types : types.flatMap((type) => this.#memberOf(type, member))
    if (described.length === 0) return false
    return options.every((option) => described.some((type) => this.#takesOption(type, option)))
  }

  /** Whether there is something to import at run time; types have no such side. */
  isValue(name: string): boolean {
    const exported = this.#exports.get(name)
    return exported !== undefined && (this.#resolved(exported).flags & ts.SymbolFlags.Value) !== 0
  }

  /** Of a class both sides: what its instances have and what it has itself. */
  #typesOf(exported: ts.Symbol): ts.Type[] {
    const symbol = this.#resolved(exported)
    const types: ts.Type[] = []
    if (symbol.flags & ts.SymbolFlags.Value) types.push(this.#checker.getTypeOfSymbol(symbol))
    if (symbol.flags & ts.SymbolFlags.Type) types.push(this.#checker.getDeclaredTypeOfSymbol(symbol))
    return types
  }

  #resolved(exported: ts.Symbol): ts.Symbol {
    return exported.flags & ts.SymbolFlags.Alias ? this.#checker.getAliasedSymbol(exported) : exported
  }

  #memberOf(type: ts.Type, member: string): ts.Type[] {
    const symbolName = /^Symbol\.(\w+)$/.exec(member)?.[1]
    return this.#checker
      .getPropertiesOfType(type)
      .filter(({ name }) => (symbolName === undefined ? name === member : name.startsWith(`__@${symbolName}@`)))
      .map((property) => this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(property)))
  }

  #takesOption(type: ts.Type, option: string): boolean {
    const signatures = [...type.getCallSignatures(), ...type.getConstructSignatures()]
    return signatures.some((signature) =>
      signature.parameters.some((parameter) => {
        const given = this.#checker.getNonNullableType(this.#checker.getTypeOfSymbol(parameter))
        // A class instance that is passed is no options object.
        return !given.isClass() && given.getCallSignatures().length === 0 && given.getProperty(option) !== undefined
      }),
    )
  }
}
