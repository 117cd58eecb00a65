// Signals as callbacks of the loop. What they do to a process as a whole happens in a process of its own.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { ContextVar, LoopError, NotImplementedError, newEventLoop } from '@loop/core'
import { program } from './program.js'
import { withinLoop } from './within_loop.js'

const isWindows = process.platform === 'win32'

/** Windows has no kill(2): there the host is made to tell of one, as it does when the console tells it. */
const raise = (signal: NodeJS.Signals) => {
  if (isWindows) setImmediate(() => process.emit(signal, signal))
  else process.kill(process.pid, signal)
}

/** The test runner of newer Nodes has listeners of its own. */
const others = new Map((['SIGHUP', 'SIGTERM'] as const).map((name) => [name, process.listeners(name)]))
const listeners = (name: 'SIGHUP' | 'SIGTERM') =>
  process.listeners(name).filter((listener) => !others.get(name)!.includes(listener))

const probe = newEventLoop()
const supported = probe.supports('addSignalHandler')
probe.close()

const skip = !supported && 'this platform has no signals that a loop could handle'

describe('signals', { skip }, () => {
  it('[SIGN-01] [SIGN-02] a handler runs in the waiting loop as an ordinary callback, with its arguments', () =>
    withinLoop(async ({ loop }) => {
      const called = loop.createFuture<unknown[]>()
      const variable = new ContextVar<string>('variable')
      variable.set('of the caller')
      loop.addSignalHandler('SIGHUP', (...args: unknown[]) => called.setResult([...args, variable.get()]), 'some', 2)
      raise('SIGHUP')
      assert.deepEqual(await called, ['some', 2, 'of the caller'])
      assert.equal(loop.removeSignalHandler('SIGHUP'), true)
    }))

  it('[SIGN-01] it stands in the queue behind what was ready before, and before what is ready after', () =>
    withinLoop(async ({ loop }) => {
      const order: string[] = []
      const done = loop.createFuture<void>()
      loop.addSignalHandler('SIGHUP', () => void order.push('signal'))
      // Heard after the loop's own listener.
      process.once('SIGHUP', () => {
        loop.callSoon(() => order.push('after'))
        loop.callSoon(() => done.setResult())
      })
      process.prependOnceListener('SIGHUP', () => void loop.callSoon(() => order.push('before')))
      raise('SIGHUP')
      await done
      assert.deepEqual(order, ['before', 'signal', 'after'])
    }))

  it('[SIGN-01] what it throws goes to the exception handler, and it stays', () =>
    withinLoop(async ({ loop, reports }) => {
      let calls = 0
      const twice = loop.createFuture<void>()
      loop.addSignalHandler('SIGHUP', function handler() {
        if (++calls === 2) return twice.setResult()
        raise('SIGHUP')
        throw new Error('from the handler')
      })
      raise('SIGHUP')
      await twice
      assert.deepEqual(
        reports.splice(0).map(({ message, exception }) => [message, exception?.message]),
        [['Exception in callback handler', 'from the handler']],
      )
    }))

  it('[SIGN-03] adding again replaces; removing tells whether there was one, by any of its names', () =>
    withinLoop(async ({ loop }) => {
      const heard = loop.createFuture<string>()
      loop.addSignalHandler('SIGHUP', () => heard.setResult('first'))
      loop.addSignalHandler(constants.signals.SIGHUP, () => heard.setResult('second'))
      assert.equal(listeners('SIGHUP').length, 1)
      raise('SIGHUP')
      assert.equal(await heard, 'second')
      assert.equal(loop.removeSignalHandler('SIGHUP'), true)
      assert.equal(loop.removeSignalHandler('SIGHUP'), false)
      assert.equal(listeners('SIGHUP').length, 0)
      if (isWindows) return
      loop.addSignalHandler('SIGABRT', () => {})
      assert.equal(loop.removeSignalHandler('SIGIOT'), true)
    }))

  it('[SIGN-03] a handler that is removed does not run, not even for a signal that came before', () =>
    withinLoop(async ({ loop }) => {
      loop.addSignalHandler('SIGHUP', () => assert.fail('it was removed'))
      const heard = loop.createFuture<void>()
      process.once('SIGHUP', () => {
        loop.removeSignalHandler('SIGHUP')
        loop.callSoon(() => heard.setResult())
      })
      raise('SIGHUP')
      await heard
    }))

  it('[SIGN-04] what is no signal: TypeError for the kind, RangeError for the value', () =>
    withinLoop(async ({ loop }) => {
      for (const act of [
        (signal: never) => loop.addSignalHandler(signal, () => {}),
        (signal: never) => loop.removeSignalHandler(signal),
      ]) {
        for (const wrong of [undefined, null, {}, 12.1, Number.NaN, true, 10n])
          assert.throws(() => act(wrong as never), TypeError)
        for (const wrong of [0, -1, 65, 1000, 'SIGWHAT', 'hup', 'toString'])
          assert.throws(() => act(wrong as never), RangeError)
      }
    }))

  it('[SIGN-05] what cannot be caught says so', () =>
    withinLoop(async ({ loop }) => {
      const uncatchable: (NodeJS.Signals | number)[] = ['SIGKILL', constants.signals.SIGKILL]
      if (!isWindows) uncatchable.push('SIGSTOP')
      for (const signal of uncatchable) {
        assert.throws(
          () => loop.addSignalHandler(signal, () => {}),
          (error: LoopError) => error instanceof LoopError && /cannot be caught/.test(error.message),
        )
        assert.equal(loop.removeSignalHandler(signal), false)
      }
      // Linux has numbers that the host does not report.
      if (process.platform === 'linux') assert.throws(() => loop.addSignalHandler(40, () => {}), NotImplementedError)
    }))

  it('[SIGN-06] only plain functions are handlers', () =>
    withinLoop(async ({ loop }) => {
      for (const wrong of [async () => {}, null, 'x'])
        assert.throws(() => loop.addSignalHandler('SIGHUP', wrong as never), TypeError)
      assert.equal(listeners('SIGHUP').length, 0)
    }))

  it('[SIGN-07] in a worker thread the error names the main thread', async () => {
    const source = `
      const { parentPort } = require('node:worker_threads')
      import(${JSON.stringify(import.meta.resolve('@loop/core'))}).then(({ newEventLoop }) => {
        const loop = newEventLoop()
        const answer = { supports: loop.supports('addSignalHandler'), removed: loop.removeSignalHandler('SIGHUP') }
        try { loop.addSignalHandler('SIGHUP', () => {}) } catch (error) {
          Object.assign(answer, { name: error.name, code: error.code, message: error.message })
        }
        loop.close()
        parentPort.postMessage(answer)
      })`
    const worker = new Worker(source, { eval: true })
    const exit = once(worker, 'exit')
    const [{ message, ...rest }] = await once(worker, 'message')
    await exit
    assert.deepEqual(rest, { supports: false, removed: false, name: 'LoopError', code: 'ERR_LOOP_STATE' })
    assert.match(message, /main thread/)
  })

  it('[SIGN-08] closing the loop removes its handlers; a closed loop takes none', () => {
    const loop = newEventLoop()
    loop.addSignalHandler('SIGHUP', () => {})
    loop.addSignalHandler('SIGTERM', () => {})
    loop.close()
    assert.equal(listeners('SIGHUP').length + listeners('SIGTERM').length, 0)
    assert.throws(
      () => loop.addSignalHandler('SIGHUP', () => {}),
      (error: LoopError) => error.code === 'ERR_LOOP_CLOSED',
    )
    assert.equal(loop.removeSignalHandler('SIGHUP'), false)
  })
})

describe('signals that a process sends itself', {
  skip: skip || (isWindows && 'Windows has no kill(2): a process cannot send itself a signal'),
}, () => {
  it('100 signals are 100 calls', () =>
    withinLoop(async ({ loop }) => {
      let calls = 0
      const all = loop.createFuture<void>()
      loop.addSignalHandler('SIGHUP', () => void (++calls === 100 && all.setResult()))
      for (let index = 0; index < 100; index++) raise('SIGHUP')
      await all
      await new Promise((resolve) => setImmediate(resolve))
      assert.equal(calls, 100)
    }))

  it('two loops each have their handler, and one that closes takes only its own away', async () => {
    const [one, other] = [newEventLoop(), newEventLoop()]
    const heard: string[] = []
    one.addSignalHandler('SIGHUP', () => {
      heard.push('one')
      one.stop()
    })
    other.addSignalHandler('SIGHUP', () => {
      heard.push('other')
      other.stop()
    })
    const running = [one.runForever(), other.runForever()]
    raise('SIGHUP')
    await Promise.all(running)
    assert.deepEqual(heard.sort(), ['one', 'other'])
    other.close()
    assert.equal(listeners('SIGHUP').length, 1)
    raise('SIGHUP')
    await one.runForever()
    one.close()
    assert.deepEqual(heard, ['one', 'other', 'one'])
  })

  it('[SIGN-08] the default is back then, and it was not while the handler was there', async () => {
    const { signal, stdout } = await program(`
      import { newEventLoop } from '@loop/core'
      const loop = newEventLoop()
      loop.addSignalHandler('SIGTERM', () => { console.log('handled'); loop.stop() })
      process.kill(process.pid, 'SIGTERM')
      await loop.runForever()
      loop.close()
      setInterval(() => {}, 1000)
      process.kill(process.pid, 'SIGTERM')`)
    assert.deepEqual([signal, stdout], ['SIGTERM', 'handled\n'])
  })

  it('what the program listens to besides is called too, and stays', () =>
    withinLoop(async ({ loop }) => {
      const heard: string[] = []
      const listener = () => void heard.push('listener')
      process.on('SIGHUP', listener)
      try {
        const done = loop.createFuture<void>()
        loop.addSignalHandler('SIGHUP', () => {
          heard.push('handler')
          done.setResult()
        })
        raise('SIGHUP')
        await done
        loop.removeSignalHandler('SIGHUP')
        assert.deepEqual(listeners('SIGHUP'), [listener])
      } finally {
        process.off('SIGHUP', listener)
      }
      assert.deepEqual(heard, ['listener', 'handler'])
    }))

  it('[SIGN-08] removing a handler of SIGPIPE does not bring back a default that the host does not have', async () => {
    const { code, stdout } = await program(`
      import { newEventLoop } from '@loop/core'
      const loop = newEventLoop()
      loop.addSignalHandler('SIGPIPE', () => {})
      loop.removeSignalHandler('SIGPIPE')
      process.kill(process.pid, 'SIGPIPE')
      loop.close()
      console.log('alive')`)
    assert.deepEqual([code, stdout], [0, 'alive\n'])
  })

  it('handlers do not keep a process alive whose loop has ended', async () => {
    const { code, stdout } = await program(`
      import { getRunningLoop, newEventLoop, run, sleep } from '@loop/core'
      const loop = newEventLoop()
      await loop.runUntilComplete(async () => {
        loop.addSignalHandler('SIGTERM', () => {})
        await sleep(1)
      })
      console.log('ended')`)
    assert.deepEqual([code, stdout], [0, 'ended\n'])
  })

  it('[SIGN-09] a SIGINT handler takes the place of what run does on Ctrl-C, until it is removed', async () => {
    const { signal, stdout } = await program(
      `
      import { getRunningLoop, run } from '@loop/core'
      await run(async () => {
        const loop = getRunningLoop()
        const presses = []
        const heard = loop.createFuture()
        loop.addSignalHandler('SIGINT', () => {
          console.log('handler')
          if (presses.push('SIGINT') < 3) process.kill(process.pid, 'SIGINT')
          else heard.setResult()
        })
        process.kill(process.pid, 'SIGINT')
        await heard
        loop.removeSignalHandler('SIGINT')
        process.kill(process.pid, 'SIGINT')
        try { await loop.createFuture() } catch (error) { console.log(error.name); throw error }
      })`,
    )
    assert.deepEqual([signal, stdout], ['SIGINT', 'handler\nhandler\nhandler\nCancelledError\n'])
  })

  it('[SIGN-09] also one that was there before run', async () => {
    const { code, stdout } = await program(
      `
      import { InterruptedError, Runner } from '@loop/core'
      const runner = new Runner()
      const loop = runner.getLoop()
      const heard = loop.createFuture()
      loop.addSignalHandler('SIGINT', () => heard.setResult('handler'))
      process.kill(process.pid, 'SIGINT')
      console.log(await runner.run(heard))
      const rest = runner.run(async () => {
        loop.removeSignalHandler('SIGINT')
        process.kill(process.pid, 'SIGINT')
        await loop.createFuture()
      })
      await rest.catch((error) => console.log(error.name, process.listenerCount('SIGINT')))
      await runner.close()`,
    )
    assert.deepEqual([code, stdout], [0, 'handler\nInterruptedError 0\n'])
  })

  it("[SIGN-10] SIGCHLD is nobody's own here: a handler takes no child from the host", () =>
    withinLoop(async ({ loop }) => {
      const heard = loop.createFuture<void>()
      loop.addSignalHandler('SIGCHLD', () => void (heard.done() || heard.setResult()))
      const child = spawn(process.execPath, ['-e', 'process.exit(3)'])
      const exit = once(child, 'close')
      await heard
      assert.deepEqual(await exit, [3, null])
    }))
})
