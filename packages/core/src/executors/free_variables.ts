import { AmbiguousSource, type Token, tokensOf } from './source_tokens.js'

/** Words of the language, and those that are names in some places only. */
const words = new Set(
  (
    'arguments as async await break case catch class const continue debugger default delete do else enum export extends ' +
    'false finally for from function get if import in instanceof let new null of return set static super switch this ' +
    'throw true try typeof undefined using var void while with yield'
  ).split(' '),
)
/** Every function has these where it is made again. */
const given = ['require', '__name', '__vite_ssr_dynamic_import__']
const heads = new Set(['if', 'for', 'while', 'switch', 'with'])
const declarations = new Set(['const', 'let', 'var'])
const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}' }

/**
 * The names that the source of a function uses and does not declare, and that no global has: variables of the code
 * around it. It errs on one side only: a name that is declared anywhere in the function counts as declared, and a source
 * that would take a parser has none. What is missed shows as a `ReferenceError` when the function runs. `this` is among
 * them where it is not the function's own.
 * @param own the function's name, by which it may call itself
 */
export function freeVariables(source: string, own: string): string[] {
  let tokens: Token[]
  try {
    tokens = tokensOf(source)
  } catch (error) {
    if (error instanceof AmbiguousSource) return []
    throw error
  }
  // Names of a class body's fields look like variables.
  if (tokens.some(({ kind, text }) => kind === 'name' && text === 'class')) return []
  const used = new Set<string>()
  const declared = new Set<string>([own, ...given])
  let ownThis = tokens.some(({ kind, text }) => kind === 'name' && text === 'function')
  const text = (index: number) => tokens[index]?.text ?? ''
  const isName = (index: number) => tokens[index]?.kind === 'name' && !words.has(text(index))

  /** Past the bracket that closes the one at `index`. */
  const skip = (index: number): number => {
    const open = text(index)
    const close = closing[open]!
    let depth = 0
    for (let at = index; at < tokens.length; at++) {
      if (tokens[at]!.kind !== 'punctuator') continue
      if (text(at) === open) depth++
      else if (text(at) === close && --depth === 0) return at + 1
    }
    return tokens.length
  }
  const declareBetween = (from: number, to: number) => {
    for (let at = from; at < to; at++) if (isName(at)) declared.add(text(at))
  }
  const openingOf = (index: number): number => {
    let depth = 0
    for (let at = index; at >= 0; at--) {
      if (tokens[at]!.kind !== 'punctuator') continue
      if (text(at) === ')') depth++
      else if (text(at) === '(' && --depth === 0) return at
    }
    return 0
  }
  /** The names after `const`, `let` or `var`. */
  const declare = (index: number) => {
    for (let at = index; at < tokens.length; ) {
      const end = text(at) === '{' || text(at) === '[' ? skip(at) : at + 1
      declareBetween(at, end)
      // Past the initial value, to a comma of this declaration.
      for (at = end; at < tokens.length && text(at) !== ','; ) {
        if (/^(?:[;)\]}]|of|in)$/.test(text(at))) return
        at = closing[text(at)] === undefined ? at + 1 : skip(at)
      }
      at++
    }
  }

  for (let at = 0; at < tokens.length; at++) {
    const { kind, text: word } = tokens[at]!
    if (kind === 'literal') continue
    if (word === 'this' && text(at - 1) !== '.') used.add(word)
    if (word === '=>') {
      const open = text(at - 1) === ')' ? openingOf(at - 1) : at - 1
      declareBetween(open, at)
    } else if (word === 'function') {
      const named = text(at + 1) === '*' ? at + 2 : at + 1
      declareBetween(named, text(named) === '(' ? skip(named) : skip(named + 1))
    } else if (word === 'catch' && text(at + 1) === '(' && text(at - 1) !== '.') declareBetween(at + 1, skip(at + 1))
    else if (declarations.has(word) || (word === 'using' && isName(at + 1))) declare(at + 1)
    else if (isName(at)) {
      const before = text(at - 1)
      if (before === '.' || before === '?.' || word.startsWith('#')) continue
      if (before === 'break' || before === 'continue') continue
      // A key of an object, or a label.
      if (text(at + 1) === ':' && /^(?:|[{,;})])$/.test(before)) continue
      if (text(at + 1) === '(' && !heads.has(word)) {
        const body = skip(at + 1)
        if (text(body) === '{') {
          // A method, which has a `this` unless it is the whole source.
          if (at > 1) ownThis = true
          declareBetween(at + 1, body)
          continue
        }
      }
      used.add(word)
    }
  }
  if (ownThis) declared.add('this')
  return [...used].filter((name) => !declared.has(name) && !(name in globalThis))
}
