import { readFileSync } from 'node:fs'
import { normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FutureCallGraph } from '../../src/index.js'

/**
 * Finds lines of a test file by what is written in them: a place is given as `[mark]` in a comment of its line.
 * @param url the test's `import.meta.url`
 */
export function places(url: string) {
  const file = fileURLToPath(url)
  const lines = readFileSync(file, 'utf8').split('\n')
  return (mark: string) => {
    const line = lines.findIndex((text) => text.includes(`// [${mark}]`)) + 1
    if (line === 0) throw new Error(`No line is marked // [${mark}]`)
    return `${file}:${line}`
  }
}

/** `file:line` of each frame. */
export const stackOf = (graph: FutureCallGraph) =>
  graph.callStack.map((frame) =>
    frame.fileName === null ? frame.functionName : `${frame.fileName}:${frame.lineNumber}`,
  )

/** The same of frames as text; on Windows Vitest names files with slashes there. */
export const linesOf = (stack: readonly string[]) =>
  stack.map((frame) => {
    const place = /([^ (]+:\d+):\d+\)?$/.exec(frame)?.[1]
    return place === undefined ? frame : normalize(place)
  })
