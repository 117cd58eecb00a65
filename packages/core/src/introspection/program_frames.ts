import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FrameCallGraphEntry } from './call_frame.js'

/**
 * Where our own frames come from: the built files, and the sources that a source map leads to. Null when a bundler put us
 * into a file with the program, where nothing tells our frames from the program's.
 */
const own = ownFolders(import.meta.url)

function ownFolders(url: string): readonly string[] | null {
  try {
    const file = fileURLToPath(url)
    const root = dirname(createRequire(url).resolve('@loop/core/package.json'))
    const folders = ['dist', 'src'].map((name) => join(root, name) + sep)
    return folders.some((folder) => file.startsWith(folder)) ? folders : null
  } catch {
    return null
  }
}

/** What an error's `stack` says, innermost first, as frames; the message is left out. */
export function framesOf(stack: string): FrameCallGraphEntry[] {
  const frames: FrameCallGraphEntry[] = []
  for (const line of stack.split('\n')) {
    const text = line.trim()
    if (text.startsWith('at ')) frames.push(new FrameCallGraphEntry(text.slice('at '.length)))
  }
  return frames
}

/** The program's own part of a stack: without ours and the host's. */
export function programFrames(frames: readonly FrameCallGraphEntry[]): FrameCallGraphEntry[] {
  return frames.filter((frame) => !isOwn(frame) && !isOfHost(frame))
}

/** Whether it is code of `@loop/core`: any, or of its function called `name`. */
export function isOwn({ fileName, functionName }: FrameCallGraphEntry, name = ''): boolean {
  if (name !== '' && functionName?.endsWith(name) !== true) return false
  return own?.some((folder) => fileName?.startsWith(folder)) ?? false
}

function isOfHost(frame: FrameCallGraphEntry): boolean {
  // `new Promise (<anonymous>)`, `Array.map (<anonymous>)`; but `async Promise.all (index 0)` tells something.
  if (frame.fileName === null) return !frame.isAsync
  return frame.fileName.startsWith('node:')
}
