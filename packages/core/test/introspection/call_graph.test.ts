import { describe, expect, it } from 'vitest'
import {
  asCompleted,
  captureCallGraph,
  createTask,
  type Future,
  FutureCallGraph,
  formatCallGraph,
  futureAddToAwaitedBy,
  futureDiscardFromAwaitedBy,
  gather,
  getRunningLoop,
  LoopError,
  printCallGraph,
  shield,
  sleep,
  Task,
  TaskGroup,
  timeout,
  wait,
  waitFor,
} from '../../src/index.js'
import { virtualLoop } from '../tasks/virtual_loop.js'
import { places, stackOf } from './places.js'

const at = virtualLoop()
const place = places(import.meta.url)

/** The tasks that wait for the one of this graph, directly or through plain futures, with their stacks. */
function tasksAwaiting(graph: FutureCallGraph): Record<string, ReturnType<typeof stackOf>> {
  const found: Record<string, ReturnType<typeof stackOf>> = {}
  for (const waiter of graph.awaitedBy) {
    if (waiter.future instanceof Task) found[waiter.future.getName()] = stackOf(waiter)
    else Object.assign(found, tasksAwaiting(waiter))
  }
  return found
}

/** Runs `body` in a task named `outer`, beside a task `inner` that waits; gives the graph of `inner`. */
async function graphOfInner(body: (inner: Task<void>) => Promise<unknown>): Promise<FutureCallGraph> {
  const inner = createTask(() => sleep(1000), { name: 'inner' })
  const outer = createTask(() => body(inner), { name: 'outer' })
  await sleep(1)
  const graph = captureCallGraph(inner)!
  inner.cancel()
  outer.cancel()
  await wait([inner, outer])
  return graph
}

async function capture() {
  return captureCallGraph() // [capture]
}

describe('the current task', () => {
  it('[CG-01] its frames, the innermost first, whether it was resumed or not', () =>
    at.run(async () => {
      const deep = async (resumed: boolean) => {
        if (resumed) await sleep(1)
        const graph = await capture() // [deep]
        return graph
      }
      const body = async (resumed: boolean) => await deep(resumed) // [body]
      for (const resumed of [false, true]) {
        const task = createTask(() => body(resumed))
        const graph = (await task)!
        expect(graph.future).toBe(task)
        expect(stackOf(graph).slice(0, 3)).toEqual(['capture', 'deep', 'body'].map(place))
        expect(graph.callStack[0]).toMatchObject({ functionName: 'capture', isAsync: false })
      }
    }))

  it('[CG-01] `depth` leaves out frames of the caller, `limit` keeps inner or outer ones', () =>
    at.run(async () => {
      const body = async () => {
        const look = (options: object) => stackOf(captureCallGraph(null, options)!) // [look]
        const ask = async (options: object) => look(options) // [ask]
        const stacks: unknown[] = []
        const wanted = [{}, { depth: 2 }, { limit: 1 }, { limit: -1 }, { limit: 0 }]
        for (const options of wanted) stacks.push(await ask(options)) // [body asks]
        const all = ['look', 'ask', 'body asks'].map(place)
        expect(stacks).toEqual([all, all.slice(1), all.slice(0, 1), all.slice(-1), []])
      }
      await createTask(body)
    }))

  it("[CG-01] a task that was started inside createTask has its own frames, not its creator's", () =>
    at.run(async () => {
      const task = createTask(async () => stackOf((await capture())!), { eagerStart: true }) // [eager]
      expect(await task).toEqual([place('capture'), place('eager')])
    }))

  it('is null where no task runs, and an error where no loop does', async () => {
    const seen: unknown[] = []
    await at.run(async () => {
      at.loop.callSoon(() => seen.push(captureCallGraph(), formatCallGraph()))
      await sleep(0)
    })
    expect(seen).toEqual([null, ''])
    expect(() => captureCallGraph()).toThrow(LoopError)
    expect(() => captureCallGraph({} as never)).toThrow(TypeError)
  })

  it('asking changes nothing: the task goes on in its own context, and wakes up as it would have', () =>
    at.run(async () => {
      const task = createTask(async () => {
        const self = captureCallGraph()!.future
        const waiting = createTask(() => sleep(5, 'value'))
        await sleep(1)
        for (let i = 0; i < 3; i++) captureCallGraph(waiting)
        expect(captureCallGraph()!.future).toBe(self)
        await sleep(0)
        expect(captureCallGraph()!.future).toBe(self)
        return await waiting
      })
      expect(await task).toBe('value')
    }))
})

describe('who waits', () => {
  it('[CG-01] through plain async functions, tasks and futures', () =>
    at.run(async () => {
      const graph = await graphOfInner(async (inner) => {
        const middle = createTask(async () => {
          await inner // [middle awaits]
        })
        const helper = async () => {
          await middle // [helper awaits]
        }
        await helper() // [outer awaits]
      })
      const [middle] = graph.awaitedBy
      expect(stackOf(middle!)).toEqual([place('middle awaits')])
      expect(stackOf(middle!.awaitedBy[0]!)).toEqual([place('helper awaits'), place('outer awaits')])
    }))

  it('[CG-02] a task group: its parent waits for each of its tasks', () =>
    at.run(async () => {
      const graph = await graphOfInner((inner) =>
        createTask(
          async () => {
            // biome-ignore format: the place is the whole call
            await TaskGroup.run(async (group) => { group.createTask(() => inner, { name: 'member' }) }) // [group]
          },
          { name: 'parent' },
        ),
      )
      const member = graph.awaitedBy[0]!
      expect((member.future as Task).getName()).toBe('member')
      expect(tasksAwaiting(member)).toEqual({ parent: [place('group')] })
    }))

  it('[CG-02] a group whose body still runs', () =>
    at.run(async () => {
      const graph = await graphOfInner((inner) =>
        TaskGroup.run(async (group) => {
          group.createTask(() => inner)
          await sleep(1000) // [body waits]
        }),
      )
      expect(tasksAwaiting(graph.awaitedBy[0]!)).toEqual({ outer: [place('body waits')] })
    }))

  it('[CG-03] gather', () =>
    at.run(async () => {
      const graph = await graphOfInner(async (inner) => {
        await gather([inner, sleep(5)]) // [gather]
      })
      expect(tasksAwaiting(graph)).toEqual({ outer: [place('gather')] })
      expect(graph.awaitedBy[0]!.callStack).toEqual([])
    }))

  it('[CG-03] shield', () =>
    at.run(async () => {
      const graph = await graphOfInner(async (inner) => {
        await shield(inner) // [shield]
      })
      expect(tasksAwaiting(graph)).toEqual({ outer: [place('shield')] })
    }))

  it('[CG-03] timeout and waitFor', () =>
    at.run(async () => {
      const bounded = await graphOfInner(async (inner) => {
        await timeout(1000, async () => {
          await inner // [in timeout]
        }) // [timeout]
      })
      expect(tasksAwaiting(bounded).outer![0]).toBe(place('in timeout'))
      const waited = await graphOfInner(async (inner) => {
        await waitFor(inner, 1000) // [waitFor]
      })
      expect(tasksAwaiting(waited)).toEqual({ outer: [place('waitFor')] })
    }))

  it('[CG-03] wait and asCompleted', () =>
    at.run(async () => {
      const waited = await graphOfInner(async (inner) => {
        await wait([inner]) // [wait]
      })
      expect(tasksAwaiting(waited)).toEqual({ outer: [place('wait')] })
      const completed = await graphOfInner(async (inner) => {
        for (const next of asCompleted([inner])) await next // [asCompleted]
      })
      expect(tasksAwaiting(completed)).toEqual({ outer: [place('asCompleted')] })
    }))

  it('[CG-03] Promise.all, and `then` with a callback', () =>
    at.run(async () => {
      const all = await graphOfInner(async (inner) => {
        await Promise.all([inner, sleep(5)]) // [Promise.all]
      })
      expect(tasksAwaiting(all)).toEqual({
        outer: [expect.stringMatching(/^Promise\.all \(index [01]\)$/), place('Promise.all')],
      })
      const then = await graphOfInner(async (inner) => {
        await inner.then(() => 1) // [then]
      })
      expect(tasksAwaiting(then)).toEqual({ outer: [place('then')] })
    }))

  it('[CG-04] a plain future has all of its waiters, and no frames of its own', () =>
    at.run(async () => {
      const future = getRunningLoop().createFuture<void>()
      const waiter = async () => {
        await future // [waiter]
      }
      const tasks = ['a', 'b', 'c'].map((name) => createTask(waiter, { name }))
      await sleep(1)
      const graph = captureCallGraph(future)!
      expect(graph.callStack).toEqual([])
      const here = [place('waiter')]
      expect(tasksAwaiting(graph)).toEqual({ a: here, b: here, c: here })
      future.setResult()
      await Promise.all(tasks)
      expect(captureCallGraph(future)!.awaitedBy).toEqual([])
    }))

  it('what code of others says by futureAddToAwaitedBy', () =>
    at.run(async () => {
      const [future, waiter] = [getRunningLoop().createFuture(), getRunningLoop().createFuture()]
      const waiters = () => captureCallGraph(future)!.awaitedBy.map((graph) => graph.future)
      futureAddToAwaitedBy(future, waiter)
      futureAddToAwaitedBy(future, waiter)
      expect(waiters()).toEqual([waiter])
      futureDiscardFromAwaitedBy(future, waiter)
      expect(waiters()).toEqual([])
      expect(() => futureAddToAwaitedBy(future, {} as Future<unknown>)).toThrow(TypeError)
      expect(() => futureDiscardFromAwaitedBy({} as Future<unknown>, waiter)).toThrow(TypeError)
    }))

  it('tasks that wait for each other end the graph where the circle closes', () =>
    at.run(async () => {
      const tasks: Task<void>[] = []
      const first = createTask(async () => await tasks[1]!, { name: 'first' })
      const second = createTask(async () => await first, { name: 'second' })
      tasks.push(first, second)
      await sleep(1)
      expect(formatCallGraph(first)).toMatch(
        /name='second'[\s\S]*name='first'.*\(which waits for itself: a deadlock\)$/,
      )
    }))
})

describe('text', () => {
  it('shows each frame in a line, and who waits below, further in', () =>
    at.run(async () => {
      const inner = createTask(async function work() {
        await sleep(1000)
      })
      inner.setName('inner')
      const outer = createTask(
        async function main() {
          await inner
        },
        { name: 'outer' },
      )
      await sleep(1)
      const written: string[] = []
      printCallGraph(inner, { file: { write: (text) => written.push(text) } })
      expect(
        written
          .join('')
          .replaceAll(/\(\S+:\d+:\d+\)/g, '(FILE)')
          .split('\n'),
      ).toEqual([
        "* <Task pending name='inner' coro=work>",
        '  + Call stack:',
        '  |   at async work (FILE)',
        '  + Awaited by:',
        "    * <Task pending name='outer' coro=main>",
        '      + Call stack:',
        '      |   at async main (FILE)',
        '',
      ])
      expect(formatCallGraph(inner, { limit: 0 })).not.toContain('Call stack')
      inner.cancel()
      await wait([inner, outer])
    }))

  it('the records are frozen', () =>
    at.run(async () => {
      const graph = captureCallGraph()!
      expect(graph).toBeInstanceOf(FutureCallGraph)
      expect([graph, graph.callStack, graph.awaitedBy, graph.callStack[0]].every(Object.isFrozen)).toBe(true)
    }))
})
