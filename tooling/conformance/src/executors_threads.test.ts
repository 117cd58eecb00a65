// The threads of executors, and the process that has them.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type LoopError, ThreadPoolExecutor } from '@loop/core'
import { program } from './program.js'
import { came, gate, of, open, withThreads } from './thread_jobs.js'

const linux = process.platform === 'linux'

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
