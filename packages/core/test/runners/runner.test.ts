import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import {
  CancelledError,
  ContextVar,
  copyContext,
  createTask,
  currentTask,
  type EventLoop,
  type ExceptionContext,
  getEventLoop,
  getRunningLoop,
  LoopError,
  Runner,
  run,
  setEventLoop,
  sleep,
  type Task,
} from '../../src/index.js'
import { VirtualClockEventLoop } from '../../src/testing/index.js'

/** Makes loops and remembers them. */
function factory() {
  const loops: EventLoop[] = []
  const reports: ExceptionContext[] = []
  const loopFactory = () => {
    const loop = new VirtualClockEventLoop()
    loop.setExceptionHandler((_loop, context) => reports.push(context))
    loops.push(loop)
    return loop
  }
  return { loops, reports, loopFactory }
}

const caught = (promise: PromiseLike<unknown>) =>
  Promise.resolve(promise).then(
    () => null,
    (error: Error) => error,
  )

describe('run', () => {
  it('[RAR-01] gives the result, or throws, and closes the loop', async () => {
    const { loops, loopFactory } = factory()
    expect(await run(() => sleep(10, 'result'), { loopFactory })).toBe('result')
    const mine = new RangeError('mine')
    const failing = async () => {
      await sleep(10)
      throw mine
    }
    expect(await caught(run(failing, { loopFactory }))).toBe(mine)
    expect(loops.map((loop) => loop.isClosed())).toEqual([true, true])
  })

  it('[RAR-02] takes async functions and what can be awaited, nothing else', async () => {
    const { loops, loopFactory } = factory()
    for (const wrong of [42, null, undefined, {}, 'main'])
      expect(() => run(wrong as never, { loopFactory })).toThrow(TypeError)
    expect(loops).toEqual([])
    expect(await run(Promise.resolve(1), { loopFactory })).toBe(1)
    expect(() => run(async () => {}, { loopFactory: 42 as never })).toThrow(TypeError)
    expect(await caught(run(async () => {}, { loopFactory: (() => 42) as never }))).toMatchObject({
      message: 'loopFactory must give an EventLoop, not 42',
    })
  })

  it.each([true, false])('[RAR-03] debug %s sets the debug mode of the loop', async (debug) => {
    const { loopFactory } = factory()
    expect(await run(async () => getRunningLoop().getDebug(), { debug, loopFactory })).toBe(debug)
  })

  it('[RAR-03] without debug the loop keeps its own', async () => {
    const loopFactory = () => {
      const loop = new VirtualClockEventLoop()
      loop.setDebug(true)
      return loop
    }
    expect(await run(async () => getRunningLoop().getDebug(), { loopFactory })).toBe(true)
    expect(await run(async () => getRunningLoop().getDebug(), { ...factory() })).toBe(false)
  })

  it('[RAR-04] is refused inside a running loop, whose loop goes on', async () => {
    const { loops, loopFactory } = factory()
    const result = await run(
      async () => {
        let called = false
        const error = await caught(run(async () => void (called = true), { loopFactory }))
        expect(error).toMatchObject({ code: 'ERR_LOOP_RUNNING' })
        expect(called).toBe(false)
        return sleep(1, 'goes on')
      },
      { loopFactory },
    )
    expect(result).toBe('goes on')
    expect(loops.length).toBe(1)
  })

  it('[RAR-05] cancels the tasks that are left and awaits them', async () => {
    const { reports, loopFactory } = factory()
    const seen: string[] = []
    let left: Task | undefined
    const main = async () => {
      left = createTask(async () => {
        try {
          await sleep(1000)
        } finally {
          await sleep(10)
          seen.push('cleaned up')
        }
      })
      await sleep(1)
      return 'result'
    }
    expect(await run(main, { loopFactory })).toBe('result')
    expect(seen).toEqual(['cleaned up'])
    expect(left?.cancelled()).toBe(true)
    expect(reports).toEqual([])
  })

  it('[RAR-05] also when main fails', async () => {
    const { loopFactory } = factory()
    let left: Task | undefined
    const main = async () => {
      left = createTask(() => sleep(1000))
      await sleep(1)
      throw new RangeError('main')
    }
    expect(await caught(run(main, { loopFactory }))).toMatchObject({ message: 'main' })
    expect(left?.cancelled()).toBe(true)
  })

  it('[RAR-06] errors of those tasks go to the exception handler', async () => {
    const { reports, loopFactory } = factory()
    const exception = new RangeError('in clean-up')
    let left: Task | undefined
    const main = async () => {
      left = createTask(async () => {
        try {
          await sleep(1000)
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: an error in the clean-up is what is tested
          throw exception
        }
      })
      await sleep(1)
    }
    await run(main, { loopFactory })
    expect(reports).toEqual([{ message: 'unhandled exception during run() shutdown', exception, task: left }])
  })

  it('[RAR-08] uses the loop that loopFactory makes, and leaves the current loop alone', async () => {
    const { loops, loopFactory } = factory()
    const set = new VirtualClockEventLoop()
    setEventLoop(set)
    expect(await run(async () => getRunningLoop() === loops[0], { loopFactory })).toBe(true)
    expect(getEventLoop()).toBe(set)
    setEventLoop(null)
    set.close()
  })

  it('signal cancels main, whose clean-up runs; its reason is the cause', async () => {
    const { loops, loopFactory } = factory()
    const controller = new AbortController()
    const seen: string[] = []
    const main = async () => {
      try {
        getRunningLoop().callSoon(() => controller.abort(new RangeError('mine')))
        await sleep(1000)
      } finally {
        await sleep(1)
        seen.push('cleaned up')
      }
    }
    const error = await caught(run(main, { loopFactory, signal: controller.signal }))
    expect(error).toBeInstanceOf(CancelledError)
    expect(error?.cause).toMatchObject({ message: 'mine' })
    expect(seen).toEqual(['cleaned up'])
    expect(await caught(run(main, { loopFactory, signal: controller.signal }))).toBeInstanceOf(CancelledError)
    expect(seen).toEqual(['cleaned up'])
    expect(loops.map((loop) => loop.isClosed())).toEqual([true, true])
    const inTime = new AbortController()
    expect(await run(() => sleep(1, 'in time'), { loopFactory, signal: inTime.signal })).toBe('in time')
    inTime.abort()
  })

  it('several run beside each other', async () => {
    const { loops, loopFactory } = factory()
    const main = async () => {
      const own = getRunningLoop()
      await sleep(10)
      return getRunningLoop() === own
    }
    expect(await Promise.all([run(main, { loopFactory }), run(main, { loopFactory })])).toEqual([true, true])
    expect(new Set(loops).size).toBe(2)
  })

  it('what the program keeps in AsyncLocalStorage reaches main', async () => {
    const storage = new AsyncLocalStorage<string>()
    const { loopFactory } = factory()
    const main = async () => {
      await sleep(1)
      return storage.getStore()
    }
    expect(await storage.run('kept', () => run(main, { loopFactory }))).toBe('kept')
  })
})

describe('Runner', () => {
  it('[RAR-09] runs several times in one loop and one context', async () => {
    const { loops, loopFactory } = factory()
    const variable = new ContextVar<number>('variable', { defaultValue: 0 })
    const count = async () => {
      variable.set(variable.get()! + 1)
      await sleep(0)
      return variable.get()
    }
    const runner = new Runner({ loopFactory })
    expect([await runner.run(count), await runner.run(count)]).toEqual([1, 2])
    expect(await runner.run(count, { context: copyContext() })).toBe(1)
    expect(await runner.run(count)).toBe(3)
    expect(variable.get()).toBe(0)
    expect(loops.length).toBe(1)
    expect(runner.getLoop()).toBe(loops[0])
    await runner.close()
  })

  it('[RAR-10] close can be called twice; using it afterwards is an error', async () => {
    const { loops, loopFactory } = factory()
    const runner = new Runner({ loopFactory })
    expect(loops).toEqual([])
    runner.getLoop()
    await Promise.all([runner.close(), runner.close()])
    await runner.close()
    expect(loops[0]?.isClosed()).toBe(true)
    expect(() => runner.getLoop()).toThrow(expect.objectContaining({ code: 'ERR_LOOP_CLOSED' }))
    expect(await caught(runner.run(async () => {}))).toMatchObject({ message: 'Runner is closed' })
  })

  it('[RAR-10] await using closes it', async () => {
    const { loops, loopFactory } = factory()
    {
      await using runner = new Runner({ loopFactory })
      await runner.run(() => sleep(1))
    }
    expect(loops[0]?.isClosed()).toBe(true)
  })

  it('is refused while it runs', async () => {
    const { loopFactory } = factory()
    const runner = new Runner({ loopFactory })
    const first = runner.run(() => sleep(10, 'first'))
    expect(await caught(runner.run(async () => {}))).toBeInstanceOf(LoopError)
    expect(await caught(runner.close())).toBeInstanceOf(LoopError)
    expect(await first).toBe('first')
    const inside = await runner.run(async () => [
      await caught(runner.run(async () => {})),
      await caught(runner.close()),
    ])
    expect(inside).toEqual([expect.any(LoopError), expect.any(LoopError)])
    await runner.close()
  })

  it('a main that cancels itself rejects with CancelledError', async () => {
    const { loopFactory } = factory()
    const main = async () => {
      currentTask()?.cancel()
      await sleep(1)
    }
    expect(await caught(run(main, { loopFactory }))).toBeInstanceOf(CancelledError)
  })

  it('[RAR-01] makes the best loop of the platform by itself', async () => {
    const loop = await run(async () => {
      await sleep(1)
      return { loop: getRunningLoop() }
    }).then((result) => result.loop)
    expect(loop.isClosed()).toBe(true)
    expect(loop.backend.kind).toMatch(/selector|proactor/)
  })
})
