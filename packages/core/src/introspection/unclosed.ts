/** Debug mode's watch for what somebody forgot to close. Python: its ResourceWarning. */
import { inspect } from 'node:util'
import type { EventLoop } from '../loop/event_loop.js'
import { framesOfSource, noteSource, notesSources, sourceText } from './source.js'

interface Unclosed {
  readonly name: string
  readonly source: string
}

let watching = false

const collected = new FinalizationRegistry<Unclosed>(({ name, source }) => {
  process.emitWarning(`${name} was collected without having been closed`, {
    type: 'ResourceWarning',
    code: 'LOOP_UNCLOSED',
    detail: createdHere(source),
  })
})

/** Says so when `resource` is collected and `forgetUnclosed` was not called for it. */
export function watchUnclosed(resource: object): void {
  if (!notesSources()) return
  watching = true
  noteSource(resource)
  collected.register(resource, { name: inspect(resource), source: sourceText(resource) }, resource)
}

export function forgetUnclosed(resource: object): void {
  if (watching) collected.unregister(resource)
}

/** The host holds a loop, so that one that is open is never collected: those that are left are named at the end. */
const openLoops = new Set<EventLoop>()

export function watchOpenLoop(loop: EventLoop): void {
  if (openLoops.size === 0) process.on('exit', nameOpenLoops)
  openLoops.add(loop)
  noteSource(loop)
}

export function forgetOpenLoop(loop: EventLoop): void {
  if (openLoops.delete(loop) && openLoops.size === 0) process.off('exit', nameOpenLoops)
}

/** No warning of the host's: those come in a later tick, and there is none any more. */
function nameOpenLoops(): void {
  for (const loop of openLoops) {
    // Who ends the process from inside a loop has not forgotten it.
    if (loop.isRunning()) continue
    console.error(`ResourceWarning: a ${loop.constructor.name} was never closed\n${createdHere(sourceText(loop))}`)
  }
}

function createdHere(source: string): string {
  return ['created:', ...framesOfSource(source).map((frame) => `    ${frame}`)].join('\n')
}
