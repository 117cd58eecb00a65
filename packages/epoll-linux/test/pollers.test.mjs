import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  answer,
  constants as c,
  linux,
  openDescriptors,
  opened,
  pair,
  pollers,
  READ,
  sockets,
  WRITE,
} from './addon.mjs'

const x = Buffer.from('x')

function made(t, Poller) {
  const poller = new Poller()
  t.after(() => poller.close())
  return poller
}

/** What one wait finds: `[slot, generation, mask]` each, by slot. */
function found(poller, timeout = 0) {
  const count = poller.wait(timeout)
  assert.ok(count >= 0, `wait: ${count}`)
  const events = Array.from({ length: count }, (_, index) => [...poller.events.slice(index * 3, index * 3 + 3)])
  return events.sort((one, other) => one[0] - other[0])
}

for (const [name, Poller] of Object.entries(pollers)) {
  describe(name, () => {
    it('tells readiness by slot and generation', (t) => {
      const poller = made(t, Poller)
      const [one, other] = pair(t)
      assert.equal(poller.add(one, 7, -5, READ), 0)
      assert.deepEqual(found(poller), [])
      sockets.send(other, x, 0, 1, 0)
      assert.deepEqual(found(poller), [[7, -5, READ]])
      assert.deepEqual(found(poller), [[7, -5, READ]], 'readiness is a level, not an edge')
      assert.equal(poller.modify(one, 8, 2 ** 31 - 1, READ | WRITE), 0)
      assert.deepEqual(found(poller), [[8, 2 ** 31 - 1, READ | WRITE]])
      assert.equal(poller.modify(one, 8, 6, WRITE), 0)
      assert.deepEqual(found(poller), [[8, 6, WRITE]])
      assert.equal(poller.remove(one), 0)
      assert.deepEqual(found(poller), [])
    })

    it('a descriptor is there once', (t) => {
      const poller = made(t, Poller)
      const [one, other] = pair(t)
      assert.equal(poller.add(one, 1, 1, READ), 0)
      assert.equal(poller.add(one, 2, 1, WRITE), answer('EEXIST'))
      assert.equal(poller.modify(other, 1, 1, READ), answer('ENOENT'))
      assert.equal(poller.remove(other), answer('ENOENT'))
      assert.equal(poller.remove(one), 0)
      assert.equal(poller.remove(one), answer('ENOENT'))
      assert.equal(poller.remove(-1), answer('ENOENT'))
    })

    it('refuses regular files, directories and closed descriptors', (t) => {
      const poller = made(t, Poller)
      for (const path of [fileURLToPath(import.meta.url), '/tmp']) {
        const fd = openSync(path, 'r')
        assert.equal(poller.add(fd, 1, 1, READ), answer('EPERM'), path)
        assert.equal(poller.add(fd, 1, 1, 0), answer('EPERM'), path)
        closeSync(fd)
        assert.equal(poller.add(fd, 1, 1, READ), answer('EBADF'))
      }
      for (const fd of [-1, 1.5, 2 ** 31, Number.NaN, Number.POSITIVE_INFINITY]) {
        assert.equal(poller.add(fd, 1, 1, READ), answer('EBADF'))
      }
    })

    it('an interest of none is registered and silent, even when the peer is gone', (t) => {
      const poller = made(t, Poller)
      const [one, other] = pair(t)
      assert.equal(poller.add(one, 1, 1, READ), 0)
      assert.equal(poller.modify(one, 1, 1, 0), 0)
      assert.equal(poller.modify(one, 1, 1, 0), 0)
      sockets.shutdown(other, c.SHUT_RDWR)
      const before = performance.now()
      assert.equal(poller.wait(20), 0)
      assert.ok(performance.now() - before >= 20, 'the hang-up ended the wait')
      assert.equal(poller.modify(one, 1, 2, READ), 0)
      assert.deepEqual(found(poller), [[1, 2, READ]])
      assert.equal(poller.modify(one, 1, 3, 0), 0)
      assert.equal(poller.remove(one), 0)
      assert.equal(poller.add(one, 1, 4, 0), 0)
      assert.equal(poller.add(one, 1, 4, 0), answer('EEXIST'))
      assert.equal(poller.modify(one, 1, 5, WRITE), 0)
      assert.deepEqual(found(poller), [[1, 5, WRITE]])
    })

    it('a hang-up means all that was asked for', (t) => {
      const poller = made(t, Poller)
      const ends = new Int32Array(2)
      linux.pipe2(ends)
      const [reader, writer] = ends
      assert.equal(poller.add(reader, 1, 1, READ), 0)
      sockets.close(writer)
      assert.deepEqual(found(poller), [[1, 1, READ]])
      sockets.close(reader)
      assert.equal(poller.remove(reader), 0)
      linux.pipe2(ends)
      assert.equal(poller.add(ends[1], 2, 1, WRITE), 0)
      sockets.close(ends[0])
      assert.deepEqual(found(poller), [[2, 1, WRITE]])
      assert.equal(poller.remove(ends[1]), 0)
      sockets.close(ends[1])
    })

    it('a refused connection is readable and writable', (t) => {
      const poller = made(t, Poller)
      const bound = opened(t, sockets.socket(c.AF_INET, c.SOCK_STREAM, 0))
      sockets.bind(bound, c.AF_INET, { host: '127.0.0.1', port: 0 })
      const fd = opened(t, sockets.socket(c.AF_INET, c.SOCK_STREAM, 0))
      sockets.connect(fd, c.AF_INET, sockets.getsockname(bound))
      assert.equal(poller.add(fd, 1, 1, READ | WRITE), 0)
      assert.deepEqual(found(poller, 1000), [[1, 1, READ | WRITE]])
    })

    it('a closed descriptor can be removed, and its number reused', (t) => {
      const poller = made(t, Poller)
      const fd = linux.eventfd(1, 0)
      assert.equal(poller.add(fd, 1, 1, READ), 0)
      sockets.close(fd)
      assert.equal(poller.remove(fd), 0)
      const next = opened(t, linux.eventfd(1, 0))
      assert.equal(next, fd)
      assert.equal(poller.add(next, 2, 1, READ), 0)
      assert.deepEqual(found(poller), [[2, 1, READ]])
    })

    it('a descriptor closed while it is watched keeps no wait from sleeping', (t) => {
      const poller = made(t, Poller)
      const fd = linux.eventfd(0, 0)
      const ready = opened(t, linux.eventfd(1, 0))
      assert.equal(poller.add(fd, 1, 1, READ | WRITE), 0)
      assert.equal(poller.add(ready, 2, 1, READ), 0)
      sockets.close(fd)
      const first = found(poller)
      // The kernel forgets it in epoll; the others tell its owner once.
      if (name !== 'epoll') {
        assert.deepEqual(
          first.find(([slot]) => slot === 1),
          [1, 1, READ | WRITE],
        )
      }
      assert.deepEqual(found(poller), [[2, 1, READ]])
      assert.equal(poller.remove(ready), 0)
      const before = performance.now()
      assert.equal(poller.wait(10), 0)
      assert.ok(performance.now() - before >= 10)
      assert.equal(poller.remove(fd), 0)
    })

    it('gives 64 events at most and starves nobody', (t) => {
      const poller = made(t, Poller)
      const count = 200
      for (let slot = 0; slot < count; slot++) {
        assert.equal(poller.add(opened(t, linux.eventfd(1, 0)), slot, 1, READ), 0)
      }
      const seen = new Set()
      for (let round = 0; round < 4; round++) {
        const events = found(poller)
        assert.equal(events.length, 64)
        for (const [slot] of events) seen.add(slot)
      }
      assert.equal(seen.size, count)
    })

    it('is never early and takes fractions of milliseconds', (t) => {
      const poller = made(t, Poller)
      for (const timeout of [0.05, 0.5, 1, 1.5, 3.7]) {
        for (let round = 0; round < 20; round++) {
          const before = process.hrtime.bigint()
          assert.equal(poller.wait(timeout), 0)
          assert.ok(Number(process.hrtime.bigint() - before) / 1e6 >= timeout)
        }
      }
      assert.equal(poller.wait(0), 0)
      assert.equal(poller.wait(-5), 0)
      assert.equal(poller.wait(Number.NEGATIVE_INFINITY), 0)
      assert.throws(() => poller.wait(Number.NaN), RangeError)
      assert.throws(() => poller.wait(), TypeError)
    })

    it('waits for ever when told so, until something is ready', (t) => {
      const poller = made(t, Poller)
      poller.add(opened(t, linux.eventfd(1, 0)), 1, 1, READ)
      assert.equal(poller.wait(Number.POSITIVE_INFINITY), 1)
      assert.equal(poller.wait(1e300), 1)
    })

    it('after close everything is EBADF, and close again is nothing', (t) => {
      const [one] = pair(t)
      const before = openDescriptors()
      const poller = new Poller()
      poller.add(one, 1, 1, READ)
      poller.close()
      poller.close()
      assert.equal(openDescriptors(), before)
      assert.equal(poller.add(one, 1, 1, READ), answer('EBADF'))
      assert.equal(poller.modify(one, 1, 1, READ), answer('EBADF'))
      assert.equal(poller.remove(one), answer('EBADF'))
      assert.equal(poller.wait(0), answer('EBADF'))
      assert.equal(poller.fileno(), -1)
    })

    it('events cannot be replaced, detached or taken away', (t) => {
      const poller = made(t, Poller)
      const { events } = poller
      assert.equal(events.length, 64 * 3)
      assert.throws(() => {
        poller.events = new Int32Array(1)
      }, TypeError)
      assert.throws(() => structuredClone(events.buffer, { transfer: [events.buffer] }))
      assert.equal(poller.events, events)
    })

    it('needs `new`, and its methods need it', () => {
      assert.throws(() => Poller(), TypeError)
      const { add } = Poller.prototype
      assert.throws(() => add(1, 1, 1, 1), TypeError)
      assert.throws(() => add.call({}, 1, 1, 1, 1), TypeError)
      assert.throws(() => add.call(Object.create(Poller.prototype), 1, 1, 1, 1), TypeError)
    })

    it('leaves no descriptor behind when it is collected or cannot be made', () => {
      const before = openDescriptors()
      const script = `
        import { pollers, sockets, linux, openDescriptors } from ${JSON.stringify(new URL('addon.mjs', import.meta.url))}
        const Poller = pollers[${JSON.stringify(name)}]
        const before = openDescriptors()
        for (let round = 0; round < 50; round++) new Poller()
        for (let turn = 0; turn < 20 && openDescriptors() > before; turn++) {
          gc()
          await new Promise(setImmediate)
        }
        if (openDescriptors() > before) throw new Error('not collected')
        const taken = []
        for (let fd = 0; (fd = linux.eventfd(0, 0)) >= 0; ) taken.push(fd)
        for (const room of [0, 1]) {
          if (room > 0) sockets.close(taken.pop())
          try {
            new Poller()
            throw new Error('made')
          } catch (error) {
            if (error.code !== 'EMFILE' || error.errno !== -24 || !error.syscall || !error.message.startsWith('EMFILE: ')) throw error
          }
        }
        // What a failed attempt had opened is closed again.
        if (linux.eventfd(0, 0) < 0) throw new Error('leaked')
      `
      execFileSync('/bin/sh', [
        '-c',
        'ulimit -n 128; exec "$0" --expose-gc --input-type=module -e "$1"',
        process.execPath,
        script,
      ])
      assert.equal(openDescriptors(), before)
    })
  })
}

describe('FD_SETSIZE', () => {
  it('limits select and nobody else', () => {
    const script = `
      import { pollers, linux, answer } from ${JSON.stringify(new URL('addon.mjs', import.meta.url))}
      const made = Object.entries(pollers).map(([name, Poller]) => [name, new Poller()])
      let fd = 0
      while (fd < 1500) fd = linux.eventfd(1, 0)
      for (const [name, poller] of made) {
        const result = poller.add(fd, 1, 1, 1)
        if (result !== (name === 'select' ? answer('EMFILE') : 0)) throw new Error(name + ': ' + result)
        if (name !== 'select' && poller.wait(0) !== 1) throw new Error(name)
      }
      try {
        new pollers.select()
        throw new Error('made')
      } catch (error) {
        if (error.code !== 'EMFILE') throw error
      }
    `
    execFileSync('/bin/sh', ['-c', 'ulimit -n 2048; exec "$0" --input-type=module -e "$1"', process.execPath, script])
  })
})
