import { isAbsolute, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * One place of a call stack. asyncio: `FrameCallGraphEntry`, whose `frame` is what these fields say.
 *
 * What the host makes of places holds here as well: with `--enable-source-maps` they are those of the sources.
 */
export class FrameCallGraphEntry {
  /** Null for code outside any function and for anonymous ones. */
  readonly functionName: string | null
  /** A path, or what the host names instead; null for `Promise.all` and its like. */
  readonly fileName: string | null
  /** From 1. */
  readonly lineNumber: number | null
  /** From 1. */
  readonly columnNumber: number | null
  /** Whether it stands at an `await`. */
  readonly isAsync: boolean
  readonly #text: string

  /** @param place the text of a frame in an error's `stack`, without `at ` */
  constructor(place: string) {
    this.isAsync = place.startsWith('async ')
    const text = this.isAsync ? place.slice('async '.length) : place
    const open = text.endsWith(')') ? text.indexOf(' (') : -1
    const location = open < 0 ? text : text.slice(open + 2, -1)
    const parts = /^(.+?)(?::(\d+))?(?::(\d+))?$/.exec(location)!
    const file = parts[2] === undefined ? null : pathOf(parts[1]!)
    // Without a file it is `Promise.all (index 0)`, all of which names it.
    this.functionName = file === null ? text : open < 0 ? null : text.slice(0, open)
    this.fileName = file
    this.lineNumber = file === null ? null : Number(parts[2])
    this.columnNumber = parts[3] === undefined ? null : Number(parts[3])
    this.#text = text
    Object.freeze(this)
  }

  /** The same place, known to stand at an `await`. */
  awaiting(): FrameCallGraphEntry {
    return this.isAsync ? this : new FrameCallGraphEntry(`async ${this.#text}`)
  }

  /** As in an error's `stack`: `at async serve (/srv/app.js:12:5)`. */
  toString(): string {
    const at = this.isAsync ? 'at async ' : 'at '
    if (this.fileName === null) return `${at}${this.functionName}`
    const column = this.columnNumber === null ? '' : `:${this.columnNumber}`
    const location = `${this.fileName}:${this.lineNumber}${column}`
    return this.functionName === null ? `${at}${location}` : `${at}${this.functionName} (${location})`
  }
}

function pathOf(file: string): string {
  // On Windows some tools name the files that they load with slashes.
  if (!file.startsWith('file://')) return isAbsolute(file) ? normalize(file) : file
  try {
    return fileURLToPath(file)
  } catch {
    return file
  }
}
