// The ends of a program with work in flight: the loop closed, the worker terminated, the process ended.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { program } from './program.js'

const inFlight = fileURLToPath(new URL('./in_flight.js', import.meta.url))
/** Starting a process takes a while, and Wine's longer. */
const times = Number(process.env['LOOP_TEARDOWNS'] ?? 5)
/** Milliseconds after which one that has not ended hangs. */
const limit = 60_000

async function ended(how: string): Promise<number | null> {
  const child = spawn(process.execPath, [inFlight, how], { stdio: 'ignore', timeout: limit })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

describe('with reads, writes, accepts, connects, readers, pipes and a child in flight', () => {
  it(`the loop is closed, ${times} times: the process ends by itself`, async () => {
    for (let time = 0; time < times; time++) assert.equal(await ended('close'), 0)
  })

  it(`process.exit, ${times} times: its code is the process's`, async () => {
    for (let time = 0; time < times; time++) assert.equal(await ended('exit'), 7)
  })

  it(`an uncaught error, ${times} times: the process ends with 1`, async () => {
    for (let time = 0; time < times; time++) assert.equal(await ended('throw'), 1)
  })

  it(`a worker is terminated, ${times} times: this thread goes on`, async () => {
    for (let time = 0; time < times; time++) {
      const worker = new Worker(inFlight, { argv: ['wait'], stdout: true, stderr: true })
      await once(worker, 'message', { signal: AbortSignal.timeout(limit) })
      worker.terminate()
      assert.deepEqual(await once(worker, 'exit', { signal: AbortSignal.timeout(limit) }), [1])
    }
  })

  it(`a worker exits, ${times} times: its code is the thread's`, async () => {
    for (let time = 0; time < times; time++) {
      const worker = new Worker(inFlight, { argv: ['exit'], stdout: true, stderr: true })
      assert.deepEqual(await once(worker, 'exit', { signal: AbortSignal.timeout(limit) }), [7])
    }
  })
})

describe('a loop that the collector finds while the process ends', () => {
  // A memory that tells of what is used after it was freed shows more: tooling/wine/heap.mjs.
  it('goes with it', async () => {
    const dropped = `
      import { newEventLoop } from '@loop/core'
      let loop = newEventLoop()
      loop.close()
      process.on('exit', () => {
        loop = undefined
        gc({ type: 'major', execution: 'async' })
      })
    `
    const { code, stderr } = await program(dropped, { args: ['--expose-gc'], limit })
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  })
})
