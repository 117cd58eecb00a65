/**
 * Where code that awaits stands.
 *
 * JavaScript gives nobody the stack of a suspended async function. V8 does know it: when an error is made in a promise's
 * reaction, V8 walks from the promise that this reaction will settle to whoever awaits that, and on from there, and puts
 * what it finds below the stack as `at async ...`. So we have a reaction run whose promise leads to the code we ask about.
 *
 * The promise never settles, and what it leads to is only looked at, never called: the program cannot notice. Until
 * somebody asks nothing is recorded, so code that nobody asks about pays nothing. On a host that does not walk (Bun) the
 * answer is empty.
 */
import { createContext, type Context as Realm, Script } from 'node:vm'
import type { FrameCallGraphEntry } from './call_frame.js'
import { framesOf } from './program_frames.js'

/** Leads a promise that never settles to the code that awaits; see `throughHandler` and `throughPromise`. */
type Link = (never: Promise<never>) => void

/** To the code that goes on when `handler`, which it gave to some `then`, is called. */
export function throughHandler(handler: (value: unknown) => unknown): Link {
  return (never) => void never.then(handler)
}

/** To the code that awaits `promise`, if nobody else waits for it. */
export function throughPromise(promise: Promise<unknown>): Link {
  return (never) => {
    // `then` asks the species for the promise of its reaction, which is what V8 follows, and we give one that exists.
    const species = function species(executor: (resolve: () => void, reject: () => void) => void) {
      const ignore = () => {}
      executor(ignore, ignore)
      return promise
    }
    Object.defineProperty(never, 'constructor', { value: { [Symbol.species]: species } })
    void never.then()
  }
}

/** The frames of the code that `link` leads to, innermost first, ours and the host's included. */
export function suspendedFrames(link: Link): FrameCallGraphEntry[] {
  let frames: FrameCallGraphEntry[] = []
  probe(link, () => {
    // The stack of who asks comes first, the code that awaits is below it.
    const count = countAsync()
    if (count > 0) frames = framesOf(stackHere()).slice(-count)
  })
  return frames.map((frame) => frame.awaiting())
}

/** How many frames of the stack await. Those who format stacks (source maps, test runners) leave `async` out of the text. */
function countAsync(): number {
  const format = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
  Error.prepareStackTrace = (_error, sites) => sites.filter((site) => (site as AsyncCallSite).isAsync()).length
  const count: unknown = stackHere()
  if (format === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace')
  else Object.defineProperty(Error, 'prepareStackTrace', format)
  return count as number
}

/** V8 has it; the types of Node 20 do not say so. */
interface AsyncCallSite extends NodeJS.CallSite {
  isAsync(): boolean
}

function stackHere(): string {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = Number.POSITIVE_INFINITY
  const here = {} as { stack: string }
  Error.captureStackTrace(here)
  Error.stackTraceLimit = limit
  return here.stack
}

let realm: Realm | null = null
let script: Script | null = null

/** Runs `look` in a reaction that leads where `link` says, before it returns. */
function probe(link: Link, look: () => void): void {
  // A realm with a microtask queue of its own: a reaction of ours would otherwise wait for those of the program.
  realm ??= createContext({}, { microtaskMode: 'afterEvaluate' })
  script ??= new Script('link(Promise.resolve().then(() => { look(); return new Promise(() => {}) }))')
  realm['link'] = link
  realm['look'] = look
  try {
    script.runInContext(realm)
  } finally {
    realm['link'] = realm['look'] = undefined
  }
}
