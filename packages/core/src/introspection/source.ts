/**
 * Where tasks, callbacks and resources were made, for reports: the program's own frames, in debug mode only. asyncio: the
 * source traceback.
 */
import type { FrameCallGraphEntry } from './call_frame.js'
import { framesOf, programFrames } from './program_frames.js'

/** How many frames are shown of each. */
const depth = 10

/** How many of ours may stand on top of them. */
const ours = 4

/**
 * The property of an object that holds where it was made. As text: a stack of which V8 makes text when somebody reads it
 * costs half, but holds the `this` of every frame, so a callback that schedules the next would hold all that were before it.
 */
const key = Symbol('source')

interface Traced {
  [key]?: string | Unread | undefined
}

interface Unread {
  readonly stack: string
  /** The callback runs once. */
  once: boolean
}

/** Loops in debug mode; where there is none, making an object costs the look at this. */
let users = 0

/** Begins to note where objects are made, until every caller has called the function that it gets. */
export function noteSources(): () => void {
  users++
  let ended = false
  return () => {
    if (!ended) users--
    ended = true
  }
}

/** Whether anybody asked for that. */
export function notesSources(): boolean {
  return users > 0
}

/** Notes the code that makes `object`, if that is asked for. */
export function noteSource(object: object): void {
  if (users > 0) (object as Traced)[key] = String(sourceHere().stack)
}

/**
 * As `noteSource`, at half the cost, for a callback; it has to be forgotten when the callback is over.
 * @param once whether it is over when it has run
 */
export function noteSchedule(handle: object, once: boolean): void {
  if (users === 0) return
  const here = sourceHere()
  here.once = once
  ;(handle as Traced)[key] = here
}

/** A callback has run. */
export function scheduleRan(handle: object): void {
  const source = (handle as Traced)[key]
  if (typeof source === 'object' && source.once) forgetSchedule(handle)
}

export function forgetSchedule(handle: object): void {
  if ((handle as Traced)[key] !== undefined) (handle as Traced)[key] = undefined
}

/** Where `object` was made; empty if that was not noted. */
export function sourceOf(object: object): FrameCallGraphEntry[] {
  return framesOfSource(sourceText(object))
}

/** The same before it is read, for who outlives the object and seldom needs it. */
export function sourceText(object: object): string {
  const source = (object as Traced)[key]
  return typeof source === 'object' ? String(source.stack) : (source ?? '')
}

export function framesOfSource(text: string): FrameCallGraphEntry[] {
  return text === '' ? [] : programFrames(framesOf(text)).slice(0, depth)
}

/** The same as a part of what an exception handler is told; nothing if it was not noted. */
export function sourceTraceback(object: object): { sourceTraceback?: readonly FrameCallGraphEntry[] } {
  const frames = sourceOf(object)
  return frames.length === 0 ? {} : { sourceTraceback: frames }
}

function sourceHere(): Unread {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = ours + depth
  const here = {} as Unread
  Error.captureStackTrace(here, sourceHere)
  Error.stackTraceLimit = limit
  return here
}
