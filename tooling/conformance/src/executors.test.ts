// Jobs on threads: what crosses, what comes back, what becomes of them when somebody gives up.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { sep } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { MessageChannel, threadId } from 'node:worker_threads'
import {
  CancelledError,
  copyContext,
  type Executor,
  getRunningLoop,
  type Job,
  type LoopError,
  newEventLoop,
  sleep,
  ThreadPoolExecutor,
  TimeoutError,
  timeout,
  toThread,
} from '@loop/core'
import { program } from './program.js'
import * as work from './thread_work.js'
import { withinLoop } from './within_loop.js'

const module = new URL('./thread_work.js', import.meta.url)
const of = (name: keyof typeof work) => ({ module, name })
const linux = process.platform === 'linux'

/** Element 0 counts who came, element 1 lets them go. */
const gate = () => new Int32Array(new SharedArrayBuffer(8))
function open(gate: Int32Array): void {
  Atomics.store(gate, 1, 1)
  Atomics.notify(gate, 1)
}
async function came(gate: Int32Array, count: number): Promise<void> {
  while (Atomics.load(gate, 0) < count) await sleep(1)
}

/** As `withinLoop`, and the threads of the default executor are gone afterwards. */
const withThreads = (body: (ground: Parameters<Parameters<typeof withinLoop>[0]>[0]) => Promise<void>) =>
  withinLoop(async (ground) => {
    try {
      await body(ground)
    } finally {
      await ground.loop.shutdownDefaultExecutor(5000)
    }
  })

describe('runInExecutor', () => {
  it('[TAE-05] runs off the thread of the loop and resolves with the result', () =>
    withThreads(async ({ loop }) => {
      const future = loop.runInExecutor<number>(null, of('where'))
      assert.equal(future.getLoop(), loop)
      assert.notEqual(await future, threadId)
      assert.equal(await loop.runInExecutor(null, (a: number, b: number) => a * b, 6, 7), 42)
      assert.equal(await loop.runInExecutor(null, async (text: string) => text.length, 'four'), 4)
      assert.equal(await loop.runInExecutor(null, { module, name: 'default' }, 21), 42)
      assert.equal(await loop.runInExecutor<number>(null, of('add'), 1, 2), 3)
    }))

  it('[TAE-05] the exception crosses with its class, its cause and what stands on it', () =>
    withThreads(async ({ loop }) => {
      await assert.rejects(
        async () => await loop.runInExecutor(null, of('fail'), 'no'),
        (error: Error & { code?: string }) => {
          assert.ok(error instanceof RangeError)
          assert.ok(error.cause instanceof TypeError)
          assert.deepEqual([error.message, error.code, (error.cause as Error).message], ['no', 'ERR_TEST', 'the cause'])
          assert.match(error.stack!, /thread_work/)
          return true
        },
      )
      const inside = async () => {
        throw Object.assign(new Error('from the system'), { errno: -2, syscall: 'open' })
      }
      const error = await loop.runInExecutor(null, inside).catch((error: unknown) => error)
      assert.deepEqual({ ...(error as object) }, { errno: -2, syscall: 'open' })
      const thrown = () => {
        throw { not: 'an error' }
      }
      assert.deepEqual(await loop.runInExecutor(null, thrown).catch((error: unknown) => error), { not: 'an error' })
    }))

  it('the loop goes on while a thread is stuck, and jobs run beside each other', () =>
    withThreads(async ({ loop }) => {
      const stuck = gate()
      const jobs = [1, 2, 3].map(() => loop.runInExecutor<number>(null, of('stay'), stuck))
      await came(stuck, 3)
      open(stuck)
      const all = []
      for (const job of jobs) all.push(await job)
      assert.deepEqual(all.sort(), [1, 2, 3])
    }))

  it('says what cannot cross, and why, at the call', () =>
    withThreads(async ({ loop }) => {
      const outer = 1
      const refused = (fn: unknown, args: unknown[], message: RegExp) =>
        assert.throws(
          () => loop.runInExecutor(null, fn as () => void, ...(args as [])),
          (error: Error) => {
            assert.ok(error instanceof TypeError)
            assert.match(error.message, message)
            return true
          },
        )
      refused(() => outer, [], /uses `outer` of the code around it/)
      refused(() => sleep(outer), [], /uses .*`outer`/)
      refused(Math.max, [], /max .*native or bound/)
      refused(class A {}, [], /a class/)
      refused(function* () {}, [], /a generator/)
      refused(() => this, [], /`this`|code around/)
      refused(
        (a: unknown) => a,
        [1, { list: [{ callback() {} }] }],
        /argument 2\.list\[0\]\.callback is the function callback/,
      )
      refused((a: unknown) => a, [new Map([['key', Symbol('s')]])], /argument 1\.get\("key"\) is a symbol/)
      refused((a: unknown) => a, [new WeakMap()], /argument 1 is a WeakMap/)
      refused((a: unknown) => a, [loop], /argument 1 is an event loop.*threadHandle/)
      refused((a: unknown) => a, [loop.createFuture()], /argument 1 is a future/)
      refused('name', [], /function was expected/)
      refused({ module: './beside.js', name: 'x' }, [], /relative to a file/)
      refused({ module: 5, name: 'x' }, [], /module must be/)
      const { port1, port2 } = new MessageChannel()
      refused({ fn: (a: unknown) => a, transfer: [port1] }, [port1, () => {}], /argument 2 is a function/)
      port1.close()
      port2.close()
    }))

  it('debug mode finds loops and futures deep in the arguments', () =>
    withThreads(async ({ loop }) => {
      loop.setDebug(true)
      assert.throws(
        () => loop.runInExecutor(null, (a: unknown) => a, { deep: loop.createFuture() }),
        /argument 1\.deep is a future/,
      )
    }))

  it('a variable that was left behind unnoticed, and a result that cannot come back, are explained', () =>
    withThreads(async ({ loop }) => {
      // biome-ignore lint/security/noGlobalEval: what eval uses cannot be found in the source
      const hidden = () => eval('somewhere')
      await assert.rejects(async () => await loop.runInExecutor(null, hidden), {
        name: 'ReferenceError',
        message: /somewhere is not defined where hidden ran/,
      })
      await assert.rejects(async () => await loop.runInExecutor(null, of('giveFunction')), {
        name: 'TypeError',
        message: /What giveFunction returned .* the result\.nested\.callback is the function callback/,
      })
      await assert.rejects(async () => await loop.runInExecutor(null, { module, name: 'missing' }), {
        name: 'TypeError',
        message: /exports no function 'missing'; it exports .*add/,
      })
      await assert.rejects(async () => await loop.runInExecutor(null, { module: 'no-such-package', name: 'x' }))
    }))

  it('arguments are copied, and handed over, at the call', () =>
    withThreads(async ({ loop }) => {
      const list = [1]
      const copied = loop.runInExecutor(null, (list: number[]) => list.length, list)
      list.push(2)
      assert.equal(await copied, 1)
      const bytes = new Uint8Array([1, 2, 3])
      const sum = loop.runInExecutor(
        null,
        { fn: (bytes: Uint8Array) => bytes.reduce((a, b) => a + b), transfer: [bytes.buffer] },
        bytes,
      )
      assert.equal(bytes.byteLength, 0)
      assert.equal(await sum, 6)
    }))

  it('functions of packages and of the host are found', () =>
    withThreads(async ({ loop }) => {
      const zipped = await loop.runInExecutor<Uint8Array>(null, { module: 'node:zlib', name: 'gzipSync' }, 'text')
      assert.equal(zipped[0], 0x1f)
      assert.equal(await loop.runInExecutor<boolean>(null, { module: '@loop/core', name: 'isfuture' }, 1), false)
      const inside = async () => {
        const { CancelledError } = await import('@loop/core')
        const { sep } = require('node:path') as typeof import('node:path')
        return [new CancelledError('x').code, sep]
      }
      assert.deepEqual(await loop.runInExecutor(null, inside), ['ABORT_ERR', sep])
    }))

  it('[LS-10] a closed loop refuses it', async () => {
    const loop = newEventLoop()
    loop.close()
    assert.throws(() => loop.runInExecutor(null, () => 1), { code: 'ERR_LOOP_CLOSED', message: 'Event loop is closed' })
    assert.throws(() => loop.threadHandle(), { code: 'ERR_LOOP_CLOSED' })
  })
})

describe('cancelling', () => {
  it('[TAE-06] a cancelled future does not disturb the closing of the loop', async () => {
    const loop = newEventLoop()
    const stuck = gate()
    await loop.runUntilComplete(async () => {
      const job = loop.runInExecutor(null, of('spin'), stuck)
      await came(stuck, 1)
      assert.equal(job.cancel('enough'), true)
      await assert.rejects(async () => await job, { name: 'CancelledError', message: 'enough' })
    })
    loop.close()
  })

  it('ends the job that runs, with its thread, and the next one has another', () =>
    withThreads(async ({ loop }) => {
      const executor = new ThreadPoolExecutor({ maxWorkers: 1 })
      const stuck = gate()
      const spinning = loop.runInExecutor(executor, of('spin'), stuck)
      const next = loop.runInExecutor<number>(executor, of('add'), 1, 2)
      await came(stuck, 1)
      spinning.cancel()
      assert.equal(await next, 3)
      await executor.shutdown()
    }))

  it('a job that waits for its turn never begins', () =>
    withThreads(async ({ loop }) => {
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 })
      const stuck = gate()
      const first = loop.runInExecutor(executor, of('stay'), stuck)
      const waiting = [1, 2, 3].map(() => loop.runInExecutor(executor, of('stay'), stuck))
      await came(stuck, 1)
      waiting[1]!.cancel()
      open(stuck)
      assert.equal(await first, 1)
      assert.equal(await waiting[0], 2)
      assert.equal(await waiting[2], 3)
    }))

  it('reaches the job through the task that awaits it, through timeout() and through a signal', () =>
    withThreads(async ({ loop }) => {
      const stuck = gate()
      await assert.rejects(
        timeout(20, () => toThread(of('spin'), gate())),
        TimeoutError,
      )
      const task = loop.createTask(() => toThread(of('spin'), stuck))
      await came(stuck, 1)
      task.cancel()
      await assert.rejects(async () => await task, CancelledError)
      const controller = new AbortController()
      const job = toThread({ ...of('spin'), signal: controller.signal }, stuck)
      await came(stuck, 2)
      controller.abort(new Error('the reason'))
      await assert.rejects(
        job,
        (error: Error) => error instanceof CancelledError && (error.cause as Error).message === 'the reason',
      )
      await assert.rejects(toThread({ fn: () => 1, signal: AbortSignal.abort() }), CancelledError)
    }))

  it('an executor of its own takes a signal', () =>
    withThreads(async () => {
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1 })
      const stuck = gate()
      const controller = new AbortController()
      const running = executor.submit({ module, name: 'spin', args: [stuck] }, controller)
      const queued = executor.submit({ module, name: 'spin', args: [stuck] }, controller)
      await came(stuck, 1)
      controller.abort()
      await assert.rejects(running, CancelledError)
      await assert.rejects(queued, CancelledError)
      await assert.rejects(executor.submit({ fn: () => 1, args: [] }, controller), CancelledError)
      assert.equal(Atomics.load(stuck, 0), 1)
    }))
})

describe('threads', () => {
  it('[TAE-07] of the default executor are made when first needed and called asyncio_N', () =>
    withThreads(async ({ loop }) => {
      const nameHere = async () => {
        const threads = await import('node:worker_threads')
        return (threads.default as { threadName?: string }).threadName
      }
      const stuck = gate()
      const first = loop.runInExecutor(null, of('stay'), stuck)
      await came(stuck, 1)
      const second = await loop.runInExecutor(null, nameHere)
      open(stuck)
      await first
      assert.equal(second, 'asyncio_1')
      if (linux) assert.match(await loop.runInExecutor<string>(null, of('systemName')), /^asyncio_\d$/)
      await using own = new ThreadPoolExecutor({ threadNamePrefix: 'resize' })
      assert.equal(await loop.runInExecutor(own, nameHere), 'resize_0')
    }))

  it('[TAE-07] that is never used starts none', async () => {
    const { code, stdout } = await program(`
      import { run, sleep } from '@loop/core'
      import { readdirSync } from 'node:fs'
      const threads = () => process.platform === 'linux' ? readdirSync('/proc/self/task').length : 0
      await run(() => sleep(1))
      const before = threads()
      await run(() => sleep(1))
      console.log(threads() - before)
    `)
    assert.deepEqual([code, stdout], [0, '0\n'])
  })

  it('that end in the middle fail their job and no other', () =>
    withThreads(async ({ loop }) => {
      const exit = () => {
        process.exit(3)
      }
      const broken = { name: 'LoopError', code: 'ERR_EXECUTOR_BROKEN' }
      await assert.rejects(async () => await loop.runInExecutor(null, exit), { ...broken, message: /exit code 3/ })
      const uncaught = () =>
        new Promise(() => {
          setTimeout(() => {
            throw new Error('in a timer')
          }, 1)
        })
      await assert.rejects(
        async () => await loop.runInExecutor(null, uncaught),
        (error: LoopError) => {
          assert.deepEqual([error.code, (error.cause as Error).message], ['ERR_EXECUTOR_BROKEN', 'in a timer'])
          return true
        },
      )
      assert.equal(await loop.runInExecutor<number>(null, of('add'), 1, 2), 3)
    }))

  it('with a limit of memory end alone when they pass it', () =>
    withThreads(async ({ loop }) => {
      await using executor = new ThreadPoolExecutor({ maxWorkers: 1, resourceLimits: { maxOldGenerationSizeMb: 16 } })
      const hoard = () => {
        // Small pieces: one too big for what is left ends the whole process on some versions of Node.
        for (let list: object = {}; ; ) list = { list }
      }
      const error = await loop.runInExecutor(executor, hoard).catch((error: unknown) => error)
      assert.equal(((error as Error).cause as { code?: string }).code, 'ERR_WORKER_OUT_OF_MEMORY')
      assert.equal(await loop.runInExecutor<number>(executor, of('add'), 1, 2), 3)
    }))

  it('that cannot start fail the jobs that were to begin on them', async () => {
    for (const failure of ['throw new Error("no")', 'process.exit(5)']) {
      const preload = `import { isMainThread } from 'node:worker_threads'; if (!isMainThread) ${failure}`
      const { code, stdout } = await program(
        `
        import { ThreadPoolExecutor } from '@loop/core'
        process.on('warning', ({ code }) => console.log(code))
        const executor = new ThreadPoolExecutor({ maxWorkers: 1 })
        const jobs = [1, 2].map(() => executor.submit({ fn: () => 1, args: [] }).catch((error) => console.log(error.code)))
        await Promise.all(jobs)
        await executor.shutdown()
        console.log('over')
        `,
        { args: ['--import', `data:text/javascript,${encodeURIComponent(preload)}`] },
      )
      const lines = stdout.split('\n')
      const count = (line: string) => lines.filter((other) => other === line).length
      assert.deepEqual([code, count('ERR_EXECUTOR_BROKEN'), lines.at(-2)], [0, 2, 'over'])
      assert.ok(count('LOOP_THREAD_FAILED') > 0)
    }
  })
})

describe('setDefaultExecutor', () => {
  it('[TAE-08] takes what has submit() and shutdown(), and nothing else', () =>
    withThreads(async ({ loop }) => {
      for (const wrong of [null, undefined, {}, { submit() {} }, () => {}, 'threads', new Map()])
        assert.throws(() => loop.setDefaultExecutor(wrong as never), TypeError)
      assert.throws(() => loop.runInExecutor({} as never, () => 1), TypeError)
      loop.setDefaultExecutor(new ThreadPoolExecutor({ maxWorkers: 1 }))
      assert.equal(await toThread(() => 1), 1)
    }))

  it('the loop uses it for everything, and shuts it down when it closes', async () => {
    const jobs: Job[] = []
    const shutdowns: unknown[] = []
    const executor: Executor = {
      submit: async <T>(job: Job) => jobs.push(job) as T,
      shutdown: async (options) => void shutdowns.push(options),
    }
    const loop = newEventLoop()
    loop.setDefaultExecutor(executor)
    const fn = (a: number) => a
    await loop.runUntilComplete(async () => {
      assert.equal(await toThread(fn, 5), 1)
      assert.equal(await loop.runInExecutor(null, { module: 'somewhere', name: 'else' }, 6), 2)
    })
    loop.close()
    assert.deepEqual(jobs, [
      { fn, args: [5] },
      { module: 'somewhere', name: 'else', args: [6], transfer: undefined },
    ])
    assert.deepEqual(shutdowns, [{ wait: false, cancelFutures: true }])
  })
})

describe('shutdownDefaultExecutor', () => {
  it('[TAE-09] waits for the jobs; later ones are refused', () =>
    withThreads(async ({ loop }) => {
      const stuck = gate()
      const job = loop.runInExecutor(null, of('stay'), stuck)
      await came(stuck, 1)
      const over = loop.shutdownDefaultExecutor()
      const refused = { name: 'LoopError', code: 'ERR_EXECUTOR_SHUTDOWN', message: /Executor shutdown has been called/ }
      assert.throws(() => loop.runInExecutor(null, () => 1), refused)
      assert.throws(() => toThread(() => 1), refused)
      let ended = false
      const waiting = over.then(() => {
        ended = true
      })
      await sleep(5)
      assert.deepEqual([ended, job.done()], [false, false])
      open(stuck)
      await waiting
      assert.equal(await job, 1)
      await loop.shutdownDefaultExecutor()
    }))

  it('[TAE-10] warns and waits no longer when the time is over', () =>
    withThreads(async ({ loop }) => {
      const stuck = gate()
      const job = loop.runInExecutor(null, of('stay'), stuck)
      await came(stuck, 1)
      const warned = new Promise<Error & { code?: string }>((resolve) => process.once('warning', resolve))
      await loop.shutdownDefaultExecutor(10)
      const warning = await warned
      assert.deepEqual([warning.name, warning.code], ['RuntimeWarning', 'LOOP_EXECUTOR_TIMEOUT'])
      assert.match(warning.message, /did not finish joining its threads within 10 ms/)
      await assert.rejects(async () => await job, CancelledError)
      for (const wrong of [Number.NaN, 'soon']) assert.throws(() => loop.shutdownDefaultExecutor(wrong as never))
    }))

  it('an executor that was never used has nothing to shut down', () =>
    withinLoop(async ({ loop }) => {
      await loop.shutdownDefaultExecutor(0)
      assert.throws(() => loop.runInExecutor(null, () => 1), { code: 'ERR_EXECUTOR_SHUTDOWN' })
    }))

  it('an executor refuses jobs after shutdown(), and can be told to drop what it has', () =>
    withThreads(async () => {
      const executor = new ThreadPoolExecutor({ maxWorkers: 1 })
      const stuck = gate()
      const running = executor.submit({ module, name: 'spin', args: [stuck] })
      const queued = executor.submit({ fn: () => 1, args: [] })
      await came(stuck, 1)
      await executor.shutdown({ wait: false })
      assert.throws(() => executor.submit({ fn: () => 1, args: [] }), { code: 'ERR_EXECUTOR_SHUTDOWN' })
      const over = executor.shutdown({ cancelFutures: true })
      await assert.rejects(running, CancelledError)
      await assert.rejects(queued, CancelledError)
      await over
      for (const wrong of [0, -1, 1.5, Number.NaN])
        assert.throws(() => new ThreadPoolExecutor({ maxWorkers: wrong }), RangeError)
    }))
})

describe('toThread', () => {
  it('[TAE-11] passes arguments, returns the value and propagates exceptions', () =>
    withThreads(async () => {
      assert.equal(await toThread((a: number, { b }: { b: number }) => a - b, 5, { b: 3 }), 2)
      assert.equal(await toThread<number>(of('add'), 1, 2), 3)
      await assert.rejects(toThread(of('fail'), 'no'), { name: 'RangeError', message: 'no' })
      assert.deepEqual(
        await toThread((map: Map<string, Date>) => map, new Map([['key', new Date(5)]])),
        new Map([['key', new Date(5)]]),
      )
    }))

  it('[TAE-12] copies the context variables; what is set there does not leak back', () =>
    withThreads(async () => {
      assert.equal(await toThread(of('readVariable')), undefined)
      work.variable.set({ from: 'here' })
      assert.deepEqual(await toThread(of('readVariable')), { from: 'here' })
      assert.deepEqual(await toThread(of('setVariable'), 'there'), [{ from: 'here' }, 'there'])
      assert.deepEqual(work.variable.get(), { from: 'here' })
      assert.deepEqual(await toThread(of('readVariable')), { from: 'here' })
      await copyContext().run(async () => {
        work.variable.set('in another context')
        assert.equal(await toThread(of('readVariable')), 'in another context')
      })
      // Python's run_in_executor does not bring the context along either.
      assert.equal(await getRunningLoop().runInExecutor(null, of('readVariable')), undefined)
    }))

  it('[TAE-12] a value that cannot be copied is missed only by who asks for it', () =>
    withThreads(async () => {
      work.variable.set(1)
      work.uncopied.set(() => {})
      assert.equal(await toThread(of('readVariable')), 1)
      await assert.rejects(toThread(of('readUncopied')), /uncopied has a value .* could not cross/)
    }))

  it('from several loops beside each other', async () => {
    const loops = [newEventLoop(), newEventLoop()]
    const results = await Promise.all(
      loops.map((loop, index) => loop.runUntilComplete(() => toThread((index: number) => index * 10, index))),
    )
    assert.deepEqual(results, [0, 10])
    for (const loop of loops) loop.close()
  })
})

describe('the process', () => {
  it('ends by itself: idle threads do not hold it, closed loops neither', async () => {
    const { code, stdout, stderr } = await program(`
      import { newEventLoop, ThreadPoolExecutor, toThread } from '@loop/core'
      const loop = newEventLoop()
      console.log(await loop.runUntilComplete(() => toThread((a) => a, 'idle thread, loop left open')))
      const executor = new ThreadPoolExecutor()
      console.log(await executor.submit({ fn: (a) => a, args: ['executor left open'] }))
      const other = newEventLoop()
      await other.runUntilComplete(async () => {
        const came = new Int32Array(new SharedArrayBuffer(4))
        other.runInExecutor(null, (came) => { Atomics.store(came, 0, 1); for (;;); }, came)
        while (Atomics.load(came, 0) === 0) await toThread(() => {})
      })
      other.close()
      console.log('closed with a job that runs')
    `)
    assert.equal(code, 0)
    // Debug mode names the loop that was left open.
    assert.match(stderr, process.env['LOOP_DEBUG'] === '1' ? /^ResourceWarning: a \w+ was never closed\n/ : /^$/)
    assert.equal(stdout, 'idle thread, loop left open\nexecutor left open\nclosed with a job that runs\n')
  })

  it('a job keeps it alive until it is done', async () => {
    const { code, stdout } = await program(`
      import { ThreadPoolExecutor } from '@loop/core'
      const executor = new ThreadPoolExecutor()
      executor.submit({ fn: () => new Promise((resolve) => setTimeout(resolve, 20, 'done')), args: [] }).then(console.log)
    `)
    assert.deepEqual([code, stdout], [0, 'done\n'])
  })

  it('run() waits for the jobs it leaves', async () => {
    const { code, stdout } = await program(`
      import { run, getRunningLoop } from '@loop/core'
      await run(async () => {
        getRunningLoop().runInExecutor(null, () => new Promise((resolve) => setTimeout(() => { console.log('job'); resolve() }, 20)))
      })
      console.log('run is over')
    `)
    assert.deepEqual([code, stdout], [0, 'job\nrun is over\n'])
  })

  it('leaves no descriptor behind after many executors', () =>
    withThreads(async () => {
      for (let round = 0; round < 5; round++) {
        await using executor = new ThreadPoolExecutor({ maxWorkers: 2 })
        await Promise.all([1, 2, 3].map((n) => executor.submit({ fn: (n: number) => n, args: [n] })))
      }
    }))
})

it('a program that stands on the command line has threads too', async () => {
  const source = `import { run, toThread } from '@loop/core'; await run(async () => console.log(await toThread((a) => a, 5)))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', source], {
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    encoding: 'utf8',
  })
  assert.deepEqual([stdout, stderr], ['5\n', ''])
})
