import { allTasks, InvalidStateError, LoopError, type Timeout } from '@loop/core'
import type { Immediate } from './ast.js'
import { look, make, use } from './primitives.js'
import type { Run } from './run.js'
import { Boom, show, showError, showState } from './show.js'

type Of<Op extends Immediate['op']> = Extract<Immediate, { op: Op }>

/** Statements that wait for nothing; callbacks consist of these alone. python/now.py is its twin. */
const meanings: { [Op in Immediate['op']]: (run: Run, s: Of<Op>, handled: unknown) => void } = {
  trace: (run, s) => run.trace(s.text),
  raise: (_run, s) => {
    throw new Boom(s.error)
  },
  reraise: (_run, _s, handled) => {
    if (handled !== undefined) throw handled
  },
  spawn: (run, s) => {
    run.spawn(s)
  },
  let: (run, s) => {
    const future = run.awaitable(s.of)
    if (future !== undefined && typeof future !== 'function') run.knowFuture(s.name, future)
  },
  cancel,
  cancelling: (run, s) => {
    const task = run.task(s.name)
    if (task !== undefined) run.trace(`cancelling ${s.name} ${task.cancelling()}`)
  },
  uncancel: (run, s) => {
    const task = run.task(s.name)
    if (task !== undefined) run.trace(`uncancel ${s.name} ${task.uncancel()}`)
  },
  inspect: (run, s) => {
    const future = run.find(run.futures, s.name)
    if (future !== undefined) run.trace(`${s.name} is ${showState(future)}`)
  },
  tasks: (run) => {
    // What the library made a task of, and has not begun yet, has a name that the library chose.
    run.trace(`tasks ${run.inOrder([...allTasks(run.loop)].filter((task) => run.tasks.has(task)))}`)
  },
  future: (run, s) => run.knowFuture(s.name, run.loop.createFuture()),
  set: settle,
  fail: settle,
  onDone: (run, s) => {
    const future = run.find(run.futures, s.name)
    if (future === undefined) return
    let callback = run.callbacks.get(s.label)
    if (callback === undefined) {
      callback = (done) => {
        run.trace(`${s.label}: ${s.name} is ${showState(done)}`)
        run.runNow(s.body ?? [])
      }
      run.callbacks.set(s.label, callback)
    }
    future.addDoneCallback(callback)
  },
  offDone: (run, s) => {
    const future = run.find(run.futures, s.name)
    const callback = run.find(run.callbacks, s.label)
    if (future !== undefined && callback !== undefined) run.trace(`removed ${future.removeDoneCallback(callback)}`)
  },
  soon: (run, s) => {
    run.handles.set(s.name, run.loop.callSoon(callback(run, s)))
  },
  later: (run, s) => {
    run.handles.set(s.name, run.loop.callLater(s.d, callback(run, s)))
  },
  at: (run, s) => {
    run.handles.set(s.name, run.loop.callAt(s.when, callback(run, s)))
  },
  groupSpawn: (run, s) => {
    const group = run.find(run.groups, s.group)
    if (group === undefined) return
    const task = attempt(run, `${s.group} refuses ${s.name}`, () =>
      group.createTask(run.body(s.name, s.body), { name: s.name }),
    )
    if (task !== undefined) run.knowTask(s.name, task)
  },
  reschedule: (run, s) => {
    const scope = run.find(run.scopes, s.name)
    if (scope === undefined) return
    attempt(run, `reschedule ${s.name} refused`, () => {
      scope.reschedule(s.d === null ? null : run.loop.time() + s.d)
      run.trace(`reschedule ${s.name} ${deadline(scope)}`)
    })
  },
  scope: (run, s) => {
    const scope = run.find(run.scopes, s.name)
    if (scope !== undefined) run.trace(`${s.name} when ${deadline(scope)} expired ${show(scope.expired())}`)
  },
  make,
  use,
  look,
}

/** @param handled the error that the innermost `except` is handling, if one is */
export function runImmediate(run: Run, statement: Immediate, handled: unknown): void {
  const meaning = meanings[statement.op] as (run: Run, s: Immediate, handled: unknown) => void
  meaning(run, statement, handled)
}

function cancel(run: Run, s: Of<'cancel'>): void {
  const handle = run.handles.get(s.name)
  if (handle !== undefined) {
    handle.cancel()
    run.trace(`cancel ${s.name}`)
    return
  }
  const future = run.find(run.futures, s.name)
  if (future !== undefined) run.trace(`cancel ${s.name} ${show(future.cancel(s.message))}`)
}

function settle(run: Run, s: Of<'set'> | Of<'fail'>): void {
  const future = run.find(run.futures, s.name)
  if (future === undefined) return
  attempt(run, `${s.op} ${s.name} refused`, () => {
    if (s.op === 'set') future.setResult(s.value)
    else future.setException(new Boom(s.error))
    run.trace(`${s.op} ${s.name}`)
  })
}

function callback(run: Run, s: Of<'soon'> | Of<'later'> | Of<'at'>): () => void {
  return () => {
    run.trace(`${s.name} runs`)
    run.runNow(s.body)
  }
}

function deadline(scope: Timeout): string {
  return show(scope.when())
}

function attempt<T>(run: Run, refusal: string, action: () => T): T | undefined {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof InvalidStateError || error instanceof LoopError)) throw error
    run.trace(`${refusal} ${showError(error)}`)
    return undefined
  }
}
