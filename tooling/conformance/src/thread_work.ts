// What the tests of executors and thread handles have other threads do.
import { readFileSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import { allTasks, CancelledError, ContextVar, currentTask, getRunningLoop, sleep } from '@loop/core'

export const variable = new ContextVar<unknown>('variable')
export const uncopied = new ContextVar<unknown>('uncopied')

export const add = (a: number, b: number): number => a + b
export const where = (): number => threadId
export const fail = (message: string): never => {
  throw Object.assign(new RangeError(message, { cause: new TypeError('the cause') }), {
    code: 'ERR_TEST',
    details: [1],
  })
}
export default function twice(value: number): number {
  return value * 2
}

/** The thread's name as the system has it. */
export const systemName = (): string => readFileSync('/proc/thread-self/comm', 'latin1').trim()

export const readVariable = (): unknown => variable.get()
export const readUncopied = (): unknown => uncopied.get()
export function setVariable(value: unknown): unknown {
  const before = variable.get()
  variable.set(value)
  return [before, variable.get()]
}

/** Goes on when the test says so, without an await in between: the thread is stuck. Counts those that came so far. */
export function stay(gate: Int32Array): number {
  const came = Atomics.add(gate, 0, 1) + 1
  Atomics.notify(gate, 0)
  Atomics.wait(gate, 1, 0)
  return came
}
export const spin = (gate: Int32Array): never => {
  Atomics.add(gate, 0, 1)
  Atomics.notify(gate, 0)
  for (;;);
}

// ---- in a loop, asked for by another thread

export const seen: unknown[] = []
export const note = (...values: unknown[]): void => void seen.push(...values)
export const noteThread = (): void => void seen.push(threadId)
export const stopLoop = (): void => getRunningLoop().stop()
export const throwIn = (message: string): never => {
  throw new Error(message)
}
export async function addSlowly(a: number, b: number): Promise<number> {
  await sleep(1)
  return a + b
}
export async function failSlowly(message: string): Promise<never> {
  await sleep(1)
  return fail(message)
}
/** Waits for ever; says how it ended. */
export async function waitForCancellation(ended: Int32Array): Promise<void> {
  Atomics.store(ended, 0, 1)
  Atomics.notify(ended, 0)
  try {
    await sleep(1e9)
  } catch (error) {
    seen.push(error instanceof CancelledError ? `cancelled: ${error.message}` : error)
    throw error
  }
}
export async function cancelItself(message: string): Promise<void> {
  currentTask()!.cancel(message)
  await sleep(1)
}
export async function namesOfTasks(): Promise<string[]> {
  await sleep(0)
  return [...allTasks()].map((task) => task.getName())
}
export const giveFunction = async (): Promise<unknown> => ({ nested: { callback: () => {} } })
/** Runs for a while, and says when it begins and when it has ended. */
export function takeTime(gate: Int32Array): void {
  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
  Atomics.wait(gate, 2, 0, 50)
  Atomics.store(gate, 1, 1)
}
