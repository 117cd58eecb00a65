import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import {
  type EventLoop,
  type ExceptionContext,
  type Feature,
  newEventLoop,
  ProactorEventLoop,
  type SelectorEventLoop,
} from '@loop/core'
import { StandInProactor } from './stand_in_proactor.js'

/** Milliseconds until a test that hangs is cancelled, where it waits; under Wine everything takes longer on a busy machine. */
const usualLimit = process.env['LOOP_WINE'] === '1' ? 60_000 : 15_000

export interface Ground {
  loop: SelectorEventLoop
  /** What the exception handler was told; a test that expects reports takes them out. */
  reports: ExceptionContext[]
  /** Closes it when the test is over. */
  own<T extends { close(): void }>(resource: T): T
}

/**
 * Runs `body` on a loop of its own. Afterwards nothing may be left: no report that the test did not take, no open
 * descriptor.
 */
export async function withinLoop(body: (ground: Ground) => Promise<void>, limit = usualLimit): Promise<void> {
  const before = openDescriptors()
  const loop = newLoop() as SelectorEventLoop
  const reports: ExceptionContext[] = []
  const owned: { close(): void }[] = []
  loop.setExceptionHandler((_, context) => void reports.push(context))
  const own = <T extends { close(): void }>(resource: T) => {
    owned.push(resource)
    return resource
  }
  try {
    const task = loop.createTask(() => body({ loop, reports, own }))
    const timer = loop.callLater(limit, () => task.cancel(`the test took longer than ${limit} ms`))
    await loop.runUntilComplete(task)
    timer.cancel()
  } finally {
    for (const resource of owned.reverse()) resource.close()
    loop.close()
  }
  assert.deepEqual(reports, [], 'the exception handler was told of something the test did not expect')
  await descriptorsBack(before)
}

/** The loop under test: the backend's own, or one of completions over the stand-in. */
export function newLoop(): EventLoop {
  return process.env['LOOP_STAND_IN_PROACTOR'] === '1' ? new ProactorEventLoop(new StandInProactor()) : newEventLoop()
}

/** Whether the loop under test is told of readiness or of completions. */
export function loopKind(): 'selector' | 'proactor' {
  using loop = newLoop()
  return loop.backend.kind
}

/** Whether the loops of this backend can do `feature`, for tests that have nothing to test where they cannot. */
export function supports(feature: Feature): boolean {
  using loop = newLoop()
  return loop.supports(feature)
}

/** A loop's own descriptors are closed in a later turn of the host, those of its threads when these have their turn. */
async function descriptorsBack(before: number): Promise<void> {
  for (let turn = 0; turn < 700 && openDescriptors() > before; turn++) {
    await new Promise((next) => (turn < 200 ? setImmediate(next) : setTimeout(next, 10)))
  }
  assert.ok(openDescriptors() <= before, `${openDescriptors() - before} descriptors were left open`)
}

/** How many there are; 0 where the platform does not tell. */
export function openDescriptors(): number {
  // Wine shows Linux's, which are none of the program's.
  if (process.platform === 'win32') return 0
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}
