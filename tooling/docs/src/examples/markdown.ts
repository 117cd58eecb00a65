import { readFileSync } from 'node:fs'

/** A program that a page shows, and what it must print. */
export interface Example {
  /** The page and the line of the fence: `guide.md:17`. */
  readonly place: string
  readonly language: 'ts' | 'python'
  readonly source: string
  /** What stands in the block `text` that follows; without one it must print nothing. */
  readonly output: string
  /** The block says `text any order`: which line comes first is chance. */
  readonly anyOrder: boolean
}

interface Block {
  readonly line: number
  readonly info: string
  readonly text: string
}

/**
 * The programs of a page, or of the docstrings of a source file.
 * @param page its name, for the reader of a failed test
 */
export function examples(path: string, page: string): Example[] {
  const found: Example[] = []
  const text = readFileSync(path, 'utf8')
  const isSource = /\.c?ts$/.test(path)
  const blocks = parse(isSource ? docstrings(text) : text)
  for (const [i, block] of blocks.entries()) {
    if (block === heading) continue
    const { info, line, text } = block
    if (info !== 'ts' && info !== 'python') continue
    // What a docstring shows may be a fragment; a program imports what it uses.
    if (isSource && !text.startsWith('import ')) continue
    const output = outputOf(blocks.slice(i + 1), info)
    found.push({
      place: `${page}:${line}`,
      language: info,
      source: text,
      output: output?.text ?? '',
      anyOrder: output?.info === 'text any order',
    })
  }
  return found
}

/** The docstrings of a source file as Markdown, in the lines in which they stand; where one ends, so does its section. */
function docstrings(source: string): string {
  let inside = false
  const lines = source.split('\n').map((line) => {
    if (/^\s*\/\*\*/.test(line)) inside = true
    const text = inside ? line.replace(/^\s*\*(?: |$)/, '') : ''
    if (!line.includes('*/')) return text
    inside = false
    return '# end'
  })
  return lines.join('\n')
}

/** The first block `text`, before the section ends or another program of the language begins. */
function outputOf(following: readonly (Block | typeof heading)[], language: string): Block | undefined {
  for (const block of following) {
    if (block === heading || block.info === language) return undefined
    if (block.info.startsWith('text')) return block
  }
  return undefined
}

const heading = 'heading'

function parse(markdown: string): (Block | typeof heading)[] {
  const blocks: (Block | typeof heading)[] = []
  let open: { line: number; info: string; lines: string[] } | null = null
  for (const [i, line] of markdown.split('\n').entries()) {
    if (open !== null) {
      if (line === '```') {
        blocks.push({ line: open.line, info: open.info, text: open.lines.map((each) => `${each}\n`).join('') })
        open = null
      } else open.lines.push(line)
    } else if (line.startsWith('```')) open = { line: i + 1, info: line.slice(3), lines: [] }
    else if (/^#+ /.test(line)) blocks.push(heading)
  }
  if (open !== null) throw new Error(`The fence in line ${open.line} is never closed`)
  return blocks
}
