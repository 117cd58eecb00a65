import { fileURLToPath } from 'node:url'
import { FrameCallGraphEntry } from './call_frame.js'

/**
 * Where our own frames come from: the compiled files, and the sources that a source map leads to. Null when a bundler
 * put us into a file with the program, where nothing tells our frames from the program's.
 */
const own = ownFolders(import.meta.url)

function ownFolders(url: string): readonly string[] | null {
  const place = /^(file:.*)\/(?:dist|src)\/introspection\/program_frames\.[jt]s/.exec(url)
  if (place === null) return null
  return ['dist/', 'src/'].map((folder) => fileURLToPath(`${place[1]}/${folder}`))
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

/** Whether it is code of `@loop/core`. */
export function isOwn(frame: FrameCallGraphEntry, file = ''): boolean {
  return own?.some((folder) => frame.fileName?.startsWith(folder + file)) ?? false
}

function isOfHost(frame: FrameCallGraphEntry): boolean {
  // `new Promise (<anonymous>)`, `Array.map (<anonymous>)`; but `async Promise.all (index 0)` tells something.
  if (frame.fileName === null) return !frame.isAsync
  return frame.fileName.startsWith('node:')
}
