// How subprocess transports end: close, cancellation, and the loop closing.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { newEventLoop, PIPE, type SelectorEventLoop } from '@loop/core'
import {
  children,
  childrenGone,
  holdUntilEnded,
  onlyWithProcesses,
  ProcessRecorder,
  shell,
  statOf,
  withChildren,
} from './children.js'

describe('subprocess transports: closing', onlyWithProcesses, () => {
  it('[STAP-11] close kills a running child', () =>
    withChildren(async ({ loop }) => {
      const [transport, recorder] = await shell(loop, 'read line; exit 0')
      assert.equal(transport.isClosing(), false)
      transport.close()
      transport.close()
      assert.equal(transport.isClosing(), true)
      assert.equal(transport.getReturncode(), null)
      await recorder.ended()
      assert.equal(transport.getReturncode(), -9)
      assert.deepEqual(recorder.events.slice(-2), ['exited', 'lost'])
      assert.equal(statOf(transport.getPid()), null)
    }))

  it('[STAP-12] close does not change how a child ended that was not reaped yet', () =>
    withChildren(async ({ loop }) => {
      const [transport, recorder] = await shell(loop, 'exit 3', { stdin: null, stdout: null, stderr: null })
      holdUntilEnded(transport.getPid())
      transport.close()
      await recorder.ended()
      assert.equal(transport.getReturncode(), 3)
    }))

  it('[STAP-13] a cancelled creation kills and reaps its child', () =>
    withChildren(async ({ loop }) => {
      const recorder = new ProcessRecorder(loop)
      const task = loop.createTask(() => loop.subprocessExec(() => recorder, ['sleep', '100']))
      loop.callSoon(() => task.cancel())
      await assert.rejects(async () => task, { name: 'CancelledError' })
      assert.deepEqual(
        children().filter(({ pid }) => pid === recorder.process.getPid()),
        [],
      )
      assert.equal(recorder.process.getReturncode(), -9)
    }))

  it('[STAP-13] so does an aborted one; a signal that was aborted before starts nothing', () =>
    withChildren(async ({ loop }) => {
      const recorder = new ProcessRecorder(loop)
      const controller = new AbortController()
      const creating = loop.subprocessExec(() => recorder, ['sleep', '100'], { signal: controller.signal })
      controller.abort(new Error('enough'))
      await assert.rejects(creating, { name: 'CancelledError', cause: new Error('enough') })
      assert.equal(recorder.process.getReturncode(), -9)
      await assert.rejects(
        loop.subprocessExec(() => assert.fail('no protocol is needed'), ['true'], { signal: controller.signal }),
        { name: 'CancelledError' },
      )
    }))

  it('an abort after the creation terminates the child', () =>
    withChildren(async ({ loop }) => {
      const controller = new AbortController()
      const [transport, recorder] = await shell(loop, 'read line', { signal: controller.signal })
      controller.abort()
      await recorder.ended()
      assert.equal(transport.getReturncode(), -15)
    }))

  it('closing the loop kills and reaps what still runs, and tells nobody', async () => {
    const before = children()
    const loop = newEventLoop() as SelectorEventLoop
    loop.setDebug(false)
    const recorder = new ProcessRecorder(loop)
    await loop.runUntilComplete(() => loop.subprocessExec(() => recorder, ['sleep', '100']))
    loop.close()
    await childrenGone(before)
    assert.deepEqual(recorder.events, ['made'])
  })

  it('closing the loop while a child is on its way leaves none', async () => {
    const before = children()
    for (let round = 0; round < 20; round++) {
      const loop = newEventLoop() as SelectorEventLoop
      loop.setDebug(false)
      loop.subprocessExec(() => new ProcessRecorder(loop), ['sleep', '100'], { stdin: PIPE }).catch(() => {})
      if (round % 2 === 1) await loop.runUntilComplete(async () => {})
      loop.close()
    }
    // They are started in order: when this one is there, those have been.
    await withChildren(async ({ loop }) => (await shell(loop, 'true'))[1].ended().then(() => {}))
    await childrenGone(before)
  })

  it('a closed loop starts nothing', () => {
    const loop = newEventLoop()
    loop.close()
    assert.throws(() => loop.subprocessExec(() => ({}), ['true']), { code: 'ERR_LOOP_CLOSED' })
  })
})
