// Threads that are given a handle of a loop: each runs one of the parts below and posts what it gives.
import { parentPort, threadId, Worker, workerData } from 'node:worker_threads'
import {
  CancelledError,
  ContextVar,
  RemoteLoop,
  run,
  runCoroutineThreadsafe,
  type ThreadHandle,
  wrapFuture,
} from '@loop/core'

const module = new URL('./thread_work.js', import.meta.url)
const of = (name: string) => ({ module, name })
const job = (name: string, ...args: unknown[]) => ({ module, name, args })

/** What a promise rejects with, as a message. */
const failure = (promise: PromiseLike<unknown>) =>
  Promise.resolve(promise).then(
    (value) => ({ value }),
    (error: Error & { code?: string }) => ({ name: error.name, message: error.message, code: error.code }),
  )

type Part = (loop: RemoteLoop, ...args: any[]) => unknown

export const parts = {
  callSoon(loop, count: number) {
    loop.callSoonThreadsafe(of('noteThread'))
    for (let i = 0; i < count; i++) loop.callSoonThreadsafe(of('note'), threadId, i)
    loop.callSoonThreadsafe(of('stopLoop'))
    return threadId
  },

  /** Asked for while the loop's thread is held: none of it has run. */
  cancelBefore(loop, gate: Int32Array) {
    const calls = ['a', 'b', 'c'].map((value) => loop.callSoonThreadsafe(of('note'), value))
    calls[1]!.cancel()
    const cancelled = calls.map((call) => call.cancelled())
    Atomics.store(gate, 0, 1)
    Atomics.notify(gate, 0)
    return cancelled
  },

  cancelDuring(loop, gate: Int32Array) {
    const call = loop.callSoonThreadsafe(of('takeTime'), gate)
    Atomics.wait(gate, 0, 0)
    call.cancel()
    return { cancelled: call.cancelled(), ended: Atomics.load(gate, 1) === 1 }
  },

  async coroutine(loop) {
    return {
      result: await runCoroutineThreadsafe(job('addSlowly', 1, 2), loop),
      source: await runCoroutineThreadsafe({ fn: async (text: string) => text.length, args: ['four'] }, loop),
      where: await runCoroutineThreadsafe(job('where'), loop),
      error: await failure(runCoroutineThreadsafe(job('failSlowly', 'no'), loop)),
      result2: await failure(runCoroutineThreadsafe(job('giveFunction'), loop)),
      missing: await failure(runCoroutineThreadsafe(job('nothing'), loop)),
    }
  },

  async cancelHere(loop, ended: Int32Array) {
    const future = runCoroutineThreadsafe(job('waitForCancellation', ended), loop)
    Atomics.wait(ended, 0, 0)
    const first = future.cancel('from the worker')
    return [first, future.cancel(), future.done(), future.cancelled(), await failure(future)]
  },

  async abortHere(loop, ended: Int32Array) {
    const controller = new AbortController()
    const future = runCoroutineThreadsafe(job('waitForCancellation', ended), loop, controller)
    Atomics.wait(ended, 0, 0)
    controller.abort(new Error('the reason'))
    const late = runCoroutineThreadsafe(job('addSlowly', 1, 2), loop, controller)
    return [await failure(future), late.cancelled()]
  },

  async cancelThere(loop) {
    const future = runCoroutineThreadsafe(job('cancelItself', 'in the loop'), loop)
    return [await failure(future), future.cancelled()]
  },

  /** In a loop of its own. */
  async wrapped(loop, ended: Int32Array) {
    return await run(async () => {
      const future = wrapFuture(runCoroutineThreadsafe(job('waitForCancellation', ended), loop))
      Atomics.wait(ended, 0, 0)
      future.cancel('through wrapFuture')
      const sum = await wrapFuture(runCoroutineThreadsafe(job('addSlowly', 3, 4), loop))
      return [future.cancelled(), sum]
    })
  },

  async context(loop) {
    const variable = new ContextVar<string>('variable')
    variable.set('of the worker')
    return await runCoroutineThreadsafe(job('readVariable'), loop)
  },

  async tasks(loop) {
    const rounds: string[][] = []
    for (let round = 0; round < 5; round++)
      rounds.push(await runCoroutineThreadsafe<string[]>(job('namesOfTasks'), loop))
    return rounds
  },

  refused(loop) {
    const outer = 1
    return [() => outer, Math.max, { module: './beside.js', name: 'x' }, 5]
      .map((fn) => message(() => loop.callSoonThreadsafe(fn as never)))
      .concat(message(() => loop.callSoonThreadsafe(of('note'), { deep: [() => {}] })))
      .concat(message(() => runCoroutineThreadsafe(async () => 1, { not: 'a loop' } as never)))
      .concat(message(() => new RemoteLoop(workerData.handle)))
  },

  /** The loop closes when the test hears that this waits. */
  async closing(loop) {
    const pending = failure(
      runCoroutineThreadsafe(job('waitForCancellation', new Int32Array(new SharedArrayBuffer(4))), loop),
    )
    parentPort!.postMessage('waits')
    const outcome = await pending
    return [
      loop.isClosed(),
      outcome,
      message(() => loop.callSoonThreadsafe(of('note'))),
      message(() => void runCoroutineThreadsafe(job('where'), loop)),
    ]
  },

  async closedMeanwhile(loop, gate: Int32Array) {
    parentPort!.postMessage('waits')
    Atomics.wait(gate, 0, 0)
    return [loop.isClosed(), message(() => loop.callSoonThreadsafe(of('note')))]
  },

  /** Ends without a word, by itself: the handle does not hold it. */
  idle() {
    return 'idle'
  },
} satisfies Record<string, Part>

function message(body: () => unknown): string {
  try {
    body()
    return 'nothing was thrown'
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string }
    return `${name} ${code ?? ''}: ${message}`
  }
}

/** A thread that runs `part`, and what it gives. */
export function remoteThread(handle: ThreadHandle, part: keyof typeof parts, ...args: unknown[]): Worker {
  return new Worker(new URL(import.meta.url), { workerData: { handle, part, args }, transferList: [handle] })
}

if (parentPort !== null && workerData?.part !== undefined) {
  const { handle, part, args } = workerData as { handle: ThreadHandle; part: keyof typeof parts; args: unknown[] }
  const loop = new RemoteLoop(handle)
  try {
    parentPort.postMessage({ result: await (parts[part] as Part)(loop, ...args) })
  } catch (error) {
    parentPort.postMessage({ error: error instanceof CancelledError ? 'cancelled' : String((error as Error).stack) })
  }
}
