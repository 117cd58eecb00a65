// What the jobs of these tests do, in the threads of a worker.
import { existsSync, writeFileSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import { ContextVar } from '@loop/core'

const variable = new ContextVar('variable')

export const where = () => ({ pid: process.pid, threadId })
export const fail = (message) => {
  throw Object.assign(new RangeError(message, { cause: new TypeError('the cause') }), { code: 'ERR_TEST' })
}
export const readVariable = () => variable.get()

/** Says that it runs, by a file; ends when there is another. */
export async function stay(file) {
  writeFileSync(`${file}.began`, String(process.pid))
  while (!existsSync(`${file}.go`)) await new Promise((resolve) => setTimeout(resolve, 5))
  return process.pid
}
export function spin(file) {
  writeFileSync(`${file}.began`, String(process.pid))
  for (;;);
}
/** Fails the first time. */
export function failOnce(file) {
  if (existsSync(file)) return 'the second time'
  writeFileSync(file, '')
  throw new Error('the first time')
}
