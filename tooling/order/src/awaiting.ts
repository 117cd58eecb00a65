import {
  ALL_COMPLETED,
  asCompleted,
  CancelledError,
  FIRST_COMPLETED,
  FIRST_EXCEPTION,
  type Future,
  sleep,
  TaskGroup,
  type Timeout,
  TimeoutError,
  timeout,
  timeoutAt,
  wait,
  waitFor,
} from '@loop/core'
import type { Awaiting, Block, Caught } from './ast.js'
import { hold, useAwait } from './primitives.js'
import type { Returned, Run } from './run.js'
import { Boom, show, showError } from './show.js'

type Of<Op extends Awaiting['op']> = Extract<Awaiting, { op: Op }>
type Outcome = Promise<Returned | undefined>

/** Statements that await something. python/awaiting.py is its twin. */
export function runAwaiting(run: Run, s: Awaiting, handled: unknown): Outcome {
  switch (s.op) {
    case 'return':
      return Promise.resolve({ value: s.value })
    case 'await':
      return awaitIt(run, s)
    case 'sleep':
      return sleepFor(run, s)
    case 'call':
      return call(run, s)
    case 'try':
      return tryIt(run, s, handled)
    case 'if':
      return branch(run, s, handled)
    case 'repeat':
      return repeat(run, s, handled)
    case 'wait':
      return waitForSome(run, s)
    case 'waitFor':
      return waitForOne(run, s)
    case 'asCompleted':
      return eachCompleted(run, s)
    case 'timeout':
      return limited(run, s, handled, (body) => timeout(s.d, body))
    case 'timeoutAt':
      return limited(run, s, handled, (body) => timeoutAt(s.when, body))
    case 'group':
      return group(run, s, handled)
    case 'useAwait':
      return useAwait(run, s)
    case 'hold':
      return hold(run, s, handled)
  }
}

async function awaitIt(run: Run, s: Of<'await'>): Outcome {
  const thing = run.awaitable(s.of)
  if (thing === undefined) return undefined
  run.trace(`got ${show(typeof thing === 'function' ? await thing() : await thing)}`)
  return undefined
}

async function sleepFor(run: Run, s: Of<'sleep'>): Outcome {
  await sleep(s.d)
  run.trace(`slept ${s.d}`)
  return undefined
}

async function call(run: Run, s: Of<'call'>): Outcome {
  await run.body(s.name, s.body)()
  return undefined
}

async function tryIt(run: Run, s: Of<'try'>, handled: unknown): Outcome {
  let returned: Returned | undefined
  try {
    try {
      returned = await run.block(s.body, handled)
    } catch (error) {
      const clause = s.except?.find((each) => catches(each.on, error))
      if (clause === undefined) throw error
      run.trace(`caught ${showError(error)}`)
      returned = await run.block(clause.body, error)
    }
  } finally {
    if (s.finally !== undefined) {
      run.trace('finally')
      const last = await run.block(s.finally, handled)
      // biome-ignore lint/correctness/noUnsafeFinally: a return in `finally` forgets what was being thrown; that is compared too
      if (last !== undefined) return last
    }
  }
  return returned
}

function catches(on: Caught, error: unknown): boolean {
  switch (on) {
    case 'any':
      return true
    case 'error':
      return !(error instanceof CancelledError)
    case 'cancelled':
      return error instanceof CancelledError
    case 'timeout':
      return error instanceof TimeoutError
    case 'group':
      return error instanceof AggregateError
    case 'boom':
      return error instanceof Boom
  }
}

async function branch(run: Run, s: Of<'if'>, handled: unknown): Outcome {
  const future = run.find(run.futures, s.name)
  const holds = future !== undefined && (s.is === 'cancelled' ? future.cancelled() : future.done())
  return run.block(holds ? s.then : (s.else ?? []), handled)
}

async function repeat(run: Run, s: Of<'repeat'>, handled: unknown): Outcome {
  for (let time = 0; time < s.times; time++) {
    const returned = await run.block(s.body, handled)
    if (returned !== undefined) return returned
  }
  return undefined
}

function futuresOf(run: Run, s: Of<'wait'> | Of<'asCompleted'>): Future<unknown>[] {
  return run.awaitables(s.of).filter((each): each is Future<unknown> => typeof each !== 'function')
}

const until = { all: ALL_COMPLETED, first: FIRST_COMPLETED, exception: FIRST_EXCEPTION } as const

async function waitForSome(run: Run, s: Of<'wait'>): Outcome {
  const futures = futuresOf(run, s)
  if (futures.length === 0) return undefined
  const { done, pending } = await wait(futures, {
    timeout: s.timeout ?? null,
    returnWhen: until[s.until],
  })
  run.trace(`done ${run.inOrder(done)} pending ${run.inOrder(pending)}`)
  return undefined
}

async function waitForOne(run: Run, s: Of<'waitFor'>): Outcome {
  const thing = run.awaitable(s.of)
  if (thing !== undefined) run.trace(`got ${show(await waitFor(thing, s.d))}`)
  return undefined
}

async function eachCompleted(run: Run, s: Of<'asCompleted'>): Outcome {
  const futures = futuresOf(run, s)
  // In asyncio a set's order decides between those that are done before it begins, so there is one of these at most.
  const surplus = new Set(futures.filter((each) => each.done()).slice(1))
  const chosen = futures.filter((each) => !surplus.has(each))
  const completed = asCompleted(chosen, { timeout: s.timeout ?? null })
  if (s.promises) return eachPromise(run, completed)
  for await (const future of completed) {
    const name = run.label(future)
    try {
      run.trace(`next ${name} ${show(await future)}`)
    } catch (error) {
      run.trace(`next ${name} raised ${showError(error)}`)
    }
  }
  return undefined
}

async function eachPromise(run: Run, completed: Iterable<PromiseLike<unknown>>): Outcome {
  for (const next of completed) {
    try {
      run.trace(`next ${show(await next)}`)
    } catch (error) {
      run.trace(`next raised ${showError(error)}`)
    }
  }
  return undefined
}

type Body = (scope: Timeout) => Outcome

async function limited(
  run: Run,
  s: { name: string; body: Block },
  handled: unknown,
  enter: (body: Body) => Outcome,
): Outcome {
  let entered: Timeout | undefined
  try {
    return await enter((scope) => {
      entered = scope
      run.scopes.set(s.name, scope)
      return run.block(s.body, handled)
    })
  } finally {
    run.trace(`${s.name} left, expired ${show(entered?.expired())}`)
  }
}

async function group(run: Run, s: Of<'group'>, handled: unknown): Outcome {
  try {
    return await TaskGroup.run((entered) => {
      run.groups.set(s.name, entered)
      return run.block(s.body, handled)
    })
  } finally {
    run.trace(`${s.name} left`)
  }
}
