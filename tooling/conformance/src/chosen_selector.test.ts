import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import { getEventLoop, SelectorEventLoop, SelectSelector, setEventLoop } from '@loop/core'
import { openDescriptors } from './within_loop.js'

/** A character device that epoll and kqueue refuse, and that is always ready. */
const device = '/dev/zero'
const skip = process.platform === 'win32' && 'on Windows select() knows sockets only'

// A driver that a run of the suite forces is meant for the mechanism under test: select() has no descriptor for libuv.
delete process.env['LOOP_DRIVER']

describe('a selector of one’s own choice', () => {
  it('SelectSelector watches a device that others refuse, on the loop that setEventLoop() made the current one', {
    skip,
  }, async () => {
    const before = openDescriptors()
    const fd = openSync(device, 'r')
    const loop = new SelectorEventLoop(new SelectSelector())
    setEventLoop(loop)
    try {
      assert.equal(getEventLoop(), loop)
      assert.equal(loop.backend.name, 'select')
      const ready = loop.createFuture<string>()
      loop.addReader(fd, (text: string) => ready.done() || ready.setResult(text), 'ready')
      assert.equal(await loop.runUntilComplete(ready), 'ready')
      assert.equal(loop.removeReader(fd), true)
    } finally {
      setEventLoop(null)
      loop.close()
      closeSync(fd)
    }
    for (let turn = 0; turn < 500 && openDescriptors() > before; turn++) {
      await new Promise((next) => setTimeout(next, 10))
    }
    assert.equal(openDescriptors(), before)
  })
})
