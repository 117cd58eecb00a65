import type { Program } from './ast.js'
import { isProgram } from './grammar.js'

/** How many smaller programs are tried at most; each costs a run on both sides. */
const mostTries = 3000

type Node = { [key: string]: unknown }

/**
 * The smallest program found that still differs: statements and parts are left out, and blocks put in the place of the
 * statement that they belong to, as long as `differs` stays true.
 */
export async function shrink(program: Program, differs: (program: Program) => Promise<boolean>): Promise<Program> {
  let best = program
  let tries = 0
  let smaller = true
  while (smaller) {
    smaller = false
    // What succeeds is followed by the next place rather than by the first one, or else most tries would be repeated.
    for (let place = 0; tries < mostTries; ) {
      const candidates = [...candidatesAt(best, place)]
      if (candidates.length === 0) break
      let taken = false
      for (const candidate of candidates) {
        // A difference that comes of a program outside the language is none.
        if (!isProgram(candidate)) continue
        tries++
        if (!(await differs(candidate))) continue
        best = candidate
        taken = true
        smaller = true
        break
      }
      if (!taken) place++
    }
  }
  return best
}

/** The programs that come of a change at one place; none beyond the last place. */
function* candidatesAt(program: Program, place: number): Generator<Program> {
  const target = places(program)[place]
  if (target === undefined) return
  const { path, index } = target
  const element = at(program, path)[index] as Node
  yield edit(program, path, (list) => list.splice(index, 1))
  for (const inner of replacements(path[path.length - 1]!, element)) {
    yield edit(program, path, (list) => list.splice(index, 1, ...inner))
  }
  for (const key of ['finally', 'message', 'eager', 'else', 'returnExceptions', 'size', 'lock', 'promises']) {
    if (key in element) yield edit(program, path, (list) => delete (list[index] as Node)[key])
  }
}

/** What may stand in the place of an element: the blocks in a statement, the parts of a combination, nothing for a clause. */
function replacements(list: string | number, element: Node): unknown[][] {
  if (list === 'except') return []
  if (list === 'of') return 'of' in element ? [[element['of']].flat()] : []
  const blocks: unknown[][] = []
  const collect = (node: unknown): void => {
    if (Array.isArray(node)) for (const each of node) collect(each)
    if (!isNode(node)) return
    for (const key of ['body', 'then', 'else', 'finally']) if (Array.isArray(node[key])) blocks.push(node[key])
    collect(node['of'])
    collect(node['except'])
  }
  collect(element)
  return blocks.length > 1 ? [...blocks, blocks.flat()] : blocks
}

type Path = (string | number)[]

/** Every element of every list of the program, outermost first: the list's path, and the element's index. */
function places(program: Program): { path: Path; index: number }[] {
  const found: { path: Path; index: number }[] = []
  const visit = (node: unknown, path: Path): void => {
    if (Array.isArray(node)) {
      for (let index = 0; index < node.length; index++) found.push({ path, index })
      for (let index = 0; index < node.length; index++) visit(node[index], [...path, index])
    } else if (isNode(node)) {
      for (const [key, value] of Object.entries(node)) visit(value, [...path, key])
    }
  }
  visit(program.main, ['main'])
  return found
}

function edit(program: Program, path: Path, change: (list: unknown[]) => unknown): Program {
  const copy = structuredClone(program)
  change(at(copy, path))
  // What was put in may be a part of the program before the change.
  return structuredClone(copy)
}

function at(program: Program, path: Path): unknown[] {
  let node: unknown = program
  for (const key of path) node = (node as Node)[key]
  return node as unknown[]
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
