import { afterEach, describe, expect, it } from 'vitest'
import {
  _getRunningLoop,
  _setRunningLoop,
  AbstractServer,
  allTasks,
  asCompleted,
  CancelledError,
  ContextVar,
  currentTask,
  type EventLoop,
  EventLoopPolicy,
  type ExceptionContext,
  ensureFuture,
  gather,
  getEventLoop,
  getRunningLoop,
  NotImplementedError,
  Runner,
  run,
  type Server,
  setEventLoop,
  setEventLoopPolicy,
  shield,
  sleep,
  TaskGroup,
  timeout,
  wait,
  waitFor,
} from '../../src/index.js'
import { ImmediateEventLoop } from './immediate_event_loop.js'

const loopFactory = () => new ImmediateEventLoop()

afterEach(() => {
  setEventLoopPolicy(null)
  setEventLoop(null)
})

describe('a loop of your own', () => {
  it('runs tasks, groups, timeouts and what waits for them', async () => {
    const result = await run(
      async () => {
        const loop = getRunningLoop()
        const trace: unknown[] = [loop instanceof ImmediateEventLoop, currentTask()?.getLoop() === loop]
        await TaskGroup.run(async (group) => {
          group.createTask(async () => {
            await sleep(0)
            trace.push('first')
          })
          group.createTask(async () => void trace.push('second'))
        })
        trace.push(await gather([() => sleep(2, 'a'), () => sleep(1, 'b')]))
        trace.push(await timeout(1, () => sleep(10_000)).catch((error: Error) => error.name))
        trace.push(await waitFor(() => sleep(1, 'in time'), 10_000))
        trace.push(await shield(() => sleep(1, 'shielded')))
        for await (const future of asCompleted([sleep(1, 'completed')])) trace.push(future.result())
        const { done, pending } = await wait([ensureFuture(sleep(1, 'waited'))])
        trace.push(
          [...done].map((future) => future.result()),
          pending.size,
        )
        return trace
      },
      { loopFactory },
    )
    expect(result).toEqual([
      true,
      true,
      'second',
      'first',
      ['a', 'b'],
      'TimeoutError',
      'in time',
      'shielded',
      'completed',
      ['waited'],
      0,
    ])
  })

  it('has its left-over tasks cancelled by run', async () => {
    let caught: unknown
    const main = async () => {
      const loop = getRunningLoop()
      loop.createTask(async () => {
        await sleep(10_000).catch((error) => {
          caught = error
          throw error
        })
      })
      await sleep(0)
      return allTasks().size
    }
    expect(await run(main, { loopFactory })).toBe(2)
    expect(caught).toBeInstanceOf(CancelledError)
  })

  it('is the running loop in its callbacks and tasks, and in code of the host', async () => {
    await using runner = new Runner({ loopFactory })
    const loop = runner.getLoop()
    expect(_getRunningLoop()).toBeNull()
    const seen = await runner.run(async () => {
      const inCallback = new Promise<EventLoop>((resolve) => loop.callSoon(() => resolve(getRunningLoop())))
      const inTimer = new Promise<EventLoop>((resolve) => loop.callLater(1, () => resolve(getRunningLoop())))
      return [getRunningLoop(), await inCallback, await inTimer, getEventLoop()]
    })
    expect(seen.map((each) => each === loop)).toEqual([true, true, true, true])
    const outside = new Promise<EventLoop | null>((resolve) => setImmediate(() => resolve(_getRunningLoop())))
    await runner.run(() => sleep(1))
    expect(await outside).toBe(loop)
    expect(_getRunningLoop()).toBeNull()
  })

  it('carries context variables', async () => {
    const variable = new ContextVar<string>('variable', { defaultValue: 'default' })
    const main = async () => {
      variable.set('of main')
      const loop = getRunningLoop()
      const handle = { context: 'none' }
      const inCallback = new Promise((resolve) => {
        const made = loop.callSoon(() => resolve(variable.get()))
        handle.context = String(made.getContext().run(() => variable.get()))
      })
      variable.set('later')
      return [await inCallback, handle.context, variable.get()]
    }
    expect(await run(main, { loopFactory })).toEqual(['of main', 'of main', 'later'])
    expect(variable.get()).toBe('default')
  })

  it('hears of errors in callbacks, and of errors that nobody looked at', async () => {
    const loop = loopFactory()
    const reports: ExceptionContext[] = []
    loop.setExceptionHandler((_, context) => reports.push(context))
    const mine = new RangeError('mine')
    await loop.runUntilComplete(async () => {
      loop.callSoon(() => {
        throw mine
      })
      await sleep(0)
      await sleep(0)
    })
    expect(reports).toMatchObject([{ exception: mine, message: expect.stringContaining('Exception in callback') }])
  })

  it('can be what a policy makes', async () => {
    class OwnPolicy extends EventLoopPolicy {
      readonly set: (EventLoop | null)[] = []
      override getEventLoop(): EventLoop {
        return this.set.at(-1) ?? this.newEventLoop()
      }
      override setEventLoop(loop: EventLoop | null): void {
        this.set.push(loop)
      }
      override newEventLoop(): EventLoop {
        return new ImmediateEventLoop()
      }
    }
    const own = new OwnPolicy()
    setEventLoopPolicy(own)
    expect(await run(async () => getEventLoop() === own.set[0])).toBe(true)
    expect(own.set).toEqual([expect.any(ImmediateEventLoop), null])
    expect(getEventLoop()).toBeInstanceOf(ImmediateEventLoop)
  })

  it('may give a server of its own, and says what it has not', async () => {
    class OwnServer extends AbstractServer {
      override close(): void {}
      override async waitClosed(): Promise<void> {}
    }
    class ServingLoop extends ImmediateEventLoop {
      override async createServer(): Promise<Server> {
        return new OwnServer()
      }
    }
    const main = async () => {
      await using server = await getRunningLoop().createServer(() => ({}), {})
      expect(() => server.sockets).toThrow(NotImplementedError)
      expect(() => getRunningLoop().addReader(0, () => {})).toThrow(/addReader\(\) is not available on ServingLoop/)
      return server
    }
    expect(await run(main, { loopFactory: () => new ServingLoop() })).toBeInstanceOf(OwnServer)
  })

  it('announces itself to code of the host, one at a time', () => {
    const [first, second] = [loopFactory(), loopFactory()]
    _setRunningLoop(first)
    expect(_getRunningLoop()).toBe(first)
    _setRunningLoop(second)
    expect(getRunningLoop()).toBe(second)
    _setRunningLoop(null)
    expect(_getRunningLoop()).toBeNull()
  })
})
