// What the loop of this mechanism says of errors, by the real clock. core's tests have more of it, by a virtual one.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it, mock } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { MessageChannel } from 'node:worker_threads'
import { AbstractServer, EventLoop, type ExceptionContext, NotImplementedError } from '@loop/core'
import { passes } from './passes.js'
import { newLoop } from './within_loop.js'

let loop: EventLoop
beforeEach(() => {
  loop = newLoop()
})
afterEach(() => loop.close())

/** What the default handler prints while `body` runs. */
async function printed(body: () => Promise<void>): Promise<string[]> {
  const print = mock.method(console, 'error', () => {})
  try {
    await body()
    return print.mock.calls.map((call) => String(call.arguments[0]))
  } finally {
    print.mock.restore()
  }
}

/** Until `collected` says so, or long enough to say that it never will. */
async function collectGarbage(collected: () => boolean): Promise<void> {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  for (let turn = 0; turn < 50 && !collected(); turn++) {
    gc()
    await new Promise((next) => setImmediate(next))
  }
}

describe('the exception handler', () => {
  it('[LEHA-01] gets what a callback threw, [LEHA-02] with a message that says so; the loop goes on', async () => {
    const seen: ExceptionContext[] = []
    loop.setExceptionHandler((which, context) => {
      assert.equal(which, loop)
      seen.push(context)
    })
    const error = new Error('broken')
    const handle = loop.callSoon(() => {
      throw error
    })
    let after = false
    loop.callSoon(() => {
      after = true
    })
    await passes(loop)
    assert.equal(seen.length, 1)
    assert.match(seen[0]!.message, /^Exception in callback/)
    assert.deepEqual([seen[0]!.exception, seen[0]!.handle, after], [error, handle, true])
  })

  it('[LEHA-03] is a function or null, and getExceptionHandler mirrors it', () => {
    const handler = () => {}
    loop.setExceptionHandler(handler)
    assert.equal(loop.getExceptionHandler(), handler)
    loop.setExceptionHandler(null)
    assert.equal(loop.getExceptionHandler(), null)
    assert.throws(() => loop.setExceptionHandler('text' as never), TypeError)
  })

  it('[LEHA-04] gets the loop and the context and may delegate to the default', async () => {
    const loops: unknown[] = []
    loop.setExceptionHandler((which, context) => {
      loops.push(which)
      which.defaultExceptionHandler(context)
    })
    const lines = await printed(async () => {
      loop.callSoon(() => {
        throw new Error('delegated')
      })
      await passes(loop)
    })
    assert.deepEqual(loops, [loop])
    assert.equal(lines.length, 1)
    assert.match(lines[0]!, /delegated/)
  })

  it('[LEHA-05] that throws is reported by the default, with the original context', async () => {
    loop.setExceptionHandler(() => {
      throw new Error('handler is broken')
    })
    const lines = await printed(async () => {
      loop.callSoon(() => {
        throw new Error('original')
      })
      await passes(loop)
    })
    for (const part of ['Unhandled error in exception handler', 'handler is broken', 'original'])
      assert.ok(lines[0]!.includes(part), lines[0])
  })

  it('[LEHA-06] is told once of a task error that nobody looked at', async () => {
    const seen: ExceptionContext[] = []
    loop.setExceptionHandler((_, context) => seen.push(context))
    loop.createTask(
      async () => {
        throw new Error('lost')
      },
      { name: 'forgotten' },
    )
    await passes(loop)
    loop.close()
    assert.equal(seen.length, 1)
    assert.equal(seen[0]!.message, "Task 'forgotten' exception was never retrieved")
    assert.equal((seen[0]!.exception as Error).message, 'lost')
  })
})

describe('debug mode', () => {
  it('[LEHA-08] is asked, set, and turned on by LOOP_DEBUG', () => {
    const before = process.env['LOOP_DEBUG']
    assert.equal(loop.getDebug(), before === '1')
    loop.setDebug(true)
    assert.equal(loop.getDebug(), true)
    loop.setDebug(false)
    assert.equal(loop.getDebug(), false)
    try {
      process.env['LOOP_DEBUG'] = '1'
      const debugging = newLoop()
      assert.equal(debugging.getDebug(), true)
      debugging.close()
      assert.equal(debugging.getDebug(), true, 'once it is closed')
    } finally {
      if (before === undefined) delete process.env['LOOP_DEBUG']
      else process.env['LOOP_DEBUG'] = before
    }
  })
})

it('[LEHA-09] a loop cannot get into another thread, nor what belongs to one', () => {
  const { port1 } = new MessageChannel()
  for (const debug of [false, true]) {
    loop.setDebug(debug)
    for (const mine of [loop, loop.createFuture(), loop.callLater(1, () => {})])
      assert.throws(() => port1.postMessage(mine), { name: 'DataCloneError' })
  }
  port1.close()
})

it('[LEHA-13] cancelling a handle lets go of its callback and arguments', async () => {
  const collected = new Set<string>()
  const registry = new FinalizationRegistry<string>((what) => collected.add(what))
  const handles = (() => {
    const argument = { big: new Array(1000).fill(0) }
    const callback = (_argument: object) => {}
    registry.register(argument, 'argument')
    registry.register(callback, 'callback')
    return [loop.callSoon(callback, argument), loop.callLater(1000, callback, argument)]
  })()
  for (const handle of handles) handle.cancel()
  await collectGarbage(() => collected.size === 2)
  assert.deepEqual([...collected].sort(), ['argument', 'callback'])
  assert.ok(handles.every((handle) => handle.cancelled()))
})

it('[LEHA-14] every method of a bare EventLoop and AbstractServer says that it is not implemented', () => {
  class BareLoop extends EventLoop {}
  class BareServer extends AbstractServer {}
  for (const bare of [new BareLoop(), new BareServer()] as object[]) {
    const base = Object.getPrototypeOf(Object.getPrototypeOf(bare)) as object
    const methods = Object.getOwnPropertyNames(base).filter((name) => !/^(constructor|backend|_.*)$/.test(name))
    assert.ok(methods.length > 5)
    for (const name of methods) assert.throws(() => (bare as Record<string, () => void>)[name]!(), NotImplementedError)
  }
})
