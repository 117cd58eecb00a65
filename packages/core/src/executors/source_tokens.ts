/** What a function's source consists of, as far as the search for its free variables needs to know. */
export interface Token {
  readonly kind: 'name' | 'punctuator' | 'literal'
  readonly text: string
}

/** The source has a place that only a parser could tell: is the slash there a division, or the start of a pattern? */
export class AmbiguousSource extends Error {}

const space = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y
const name = /#?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy
const number = /0[xXoObB][\da-fA-F_]+n?|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?[\d_]+)?n?/y
const string = /'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y
const pattern = /\/(?![*/])(?:[^\\/[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y
/** Of the longer punctuators only those that must not be taken for two. */
const punctuator = /\?\.(?!\d)|\.\.\.|=>|\+\+|--|[^\s]/y
/** The characters of a template up to what it embeds, or to its end. */
const templatePart = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y

const beforePattern = new Set(
  'return typeof case in of delete void throw new instanceof do else yield await'.split(' '),
)

/**
 * Cuts JavaScript into tokens; comments and blanks are left out, a template is its embedded expressions in parentheses.
 * @throws AmbiguousSource where that would take a parser
 */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (expression: RegExp): string | null => {
    expression.lastIndex = at
    const found = expression.exec(source)?.[0]
    if (found === undefined || found === '') return null
    at += found.length
    return found
  }
  const add = (kind: Token['kind'], text: string) => tokens.push({ kind, text })

  const template = () => {
    at++
    for (;;) {
      take(templatePart)
      if (source[at] === '`' || at >= source.length) return void at++
      at += 2
      add('punctuator', '(')
      code('}')
      add('punctuator', ')')
    }
  }

  /** Up to `end`, which is taken too. */
  const code = (end: '}' | null) => {
    let depth = 0
    while (at < source.length) {
      if (take(space) !== null) continue
      const next = source[at]!
      let text: string | null
      if (next === '`') {
        add('literal', '``')
        template()
      } else if ((text = take(name)) !== null) add('name', text)
      else if ((text = take(number)) !== null || (text = take(string)) !== null) add('literal', text)
      else if (next === '/' && startsPattern(tokens.at(-1)) && (text = take(pattern)) !== null) add('literal', text)
      else {
        if (next === '{') depth++
        if (next === '}' && depth-- === 0 && end === '}') return void at++
        add('punctuator', take(punctuator)!)
      }
    }
  }

  code(null)
  return tokens
}

function startsPattern(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'literal') return false
  if (before.kind === 'name') return beforePattern.has(before.text)
  // A block or an object ended: the slash after it begins a pattern in the one case, and divides in the other.
  if (before.text === '}') throw new AmbiguousSource()
  return before.text !== ')' && before.text !== ']' && before.text !== '++' && before.text !== '--'
}
