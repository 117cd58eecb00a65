// Jobs on threads: what crosses, and what comes back.
import assert from 'node:assert/strict'
import { sep } from 'node:path'
import { describe, it } from 'node:test'
import { MessageChannel, threadId } from 'node:worker_threads'
import { newEventLoop, sleep } from '@loop/core'
import { came, gate, module, of, open, withThreads } from './thread_jobs.js'

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
