// What the kqueue backend does about the pitfalls of XNU's kqueue, over a stand-in that has them too.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants as files, mkdtempSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const { load } = require('../../../packages/kqueue-darwin/dist/index.cjs')
const path = process.env.LOOP_BACKEND_PATH ?? '../../../packages/kqueue-darwin/build/release/loop.node'
const { constants: c, drivers, pollers, sockets } = load(fileURLToPath(new URL(path, import.meta.url)))

const READ = 1
const WRITE = 2
const openDescriptors = () => readdirSync('/proc/self/fd').length

/** The triples that `poller` finds within `timeout` milliseconds. */
function found(poller, timeout = 0) {
  const count = poller.wait(timeout)
  assert.ok(count >= 0, `wait gave ${count}`)
  return Array.from({ length: count }, (_, index) => [...poller.events.slice(index * 3, index * 3 + 3)])
}

/** Waits until something is found: a device is watched by a thread, which tells when it has seen it. */
function eventually(poller) {
  const deadline = Date.now() + 5000
  for (;;) {
    const events = found(poller, 100)
    if (events.length > 0) return events
    assert.ok(Date.now() < deadline, 'nothing became ready within 5 s')
  }
}

function test(name, body) {
  it(name, async (t) => {
    const before = openDescriptors()
    const poller = new pollers.kqueue()
    const opened = []
    const own = (fd) => {
      assert.ok(fd >= 0)
      opened.push(fd)
      return fd
    }
    try {
      await body({ t, poller, own })
    } finally {
      poller.close()
      for (const fd of opened) sockets.close(fd)
    }
    assert.equal(openDescriptors(), before)
  })
}

function pair(own) {
  const ends = new Int32Array(2)
  assert.equal(sockets.socketpair(c.AF_UNIX, c.SOCK_STREAM, 0, ends), 0)
  return [own(ends[0]), own(ends[1])]
}

/** A named FIFO, open for reading and for writing; its name is gone already. */
function fifo(own) {
  const folder = mkdtempSync(join(tmpdir(), 'loop-'))
  const name = join(folder, 'fifo')
  execFileSync('mkfifo', [name])
  const both = openSync(name, files.O_RDWR | files.O_NONBLOCK)
  const ends = [own(openSync(name, files.O_RDONLY | files.O_NONBLOCK)), openSync(name, files.O_WRONLY)]
  closeSync(both)
  rmSync(folder, { recursive: true })
  return ends
}

test('both filters of a descriptor are one event', ({ poller, own }) => {
  const [one, other] = pair(own)
  assert.equal(poller.add(one, 5, 9, READ | WRITE), 0)
  sockets.send(other, Buffer.from('x'), 0, 1, 0)
  assert.deepEqual(found(poller), [[5, 9, READ | WRITE]])
})

test('what came before the end is there to be read when the end is told', ({ poller, own }) => {
  const [one, other] = pair(own)
  poller.add(one, 1, 1, READ)
  sockets.send(other, Buffer.from('abc'), 0, 3, 0)
  sockets.shutdown(other, c.SHUT_WR)
  assert.deepEqual(found(poller), [[1, 1, READ]])
  const buffer = Buffer.alloc(8)
  assert.equal(sockets.recv(one, buffer, 0, 8, 0), 3)
  assert.deepEqual(found(poller), [[1, 1, READ]])
  assert.equal(sockets.recv(one, buffer, 0, 8, 0), 0)
})

test('an event of a former owner of the number is told apart by its generation', ({ poller, own }) => {
  const [one, other] = pair(own)
  sockets.send(other, Buffer.from('x'), 0, 1, 0)
  poller.add(one, 1, 1, READ)
  poller.modify(one, 1, 2, READ)
  assert.deepEqual(found(poller), [[1, 2, READ]])
})

test('a device that kqueue refuses (EINVAL) is watched by select in a thread', ({ poller, own }) => {
  const zero = own(openSync('/dev/zero', files.O_RDWR))
  assert.equal(poller.add(zero, 3, 4, READ), 0)
  assert.deepEqual(eventually(poller), [[3, 4, READ]])
  assert.deepEqual(eventually(poller), [[3, 4, READ]], 'it stays ready')
  assert.equal(poller.modify(zero, 3, 5, WRITE), 0)
  assert.deepEqual(eventually(poller), [[3, 5, WRITE]])
  assert.equal(poller.remove(zero), 0)
  assert.deepEqual(found(poller, 20), [])
})

test('devices have their turn beside a full round of others', ({ poller, own }) => {
  for (let slot = 0; slot < 70; slot++) {
    const [one, other] = pair(own)
    sockets.send(other, Buffer.from('x'), 0, 1, 0)
    poller.add(one, slot, 1, READ)
  }
  poller.add(own(openSync('/dev/zero', files.O_RDONLY)), 100, 1, READ)
  const deadline = Date.now() + 5000
  while (!found(poller, 10).some(([slot]) => slot === 100)) assert.ok(Date.now() < deadline)
})

test('the close of the last writer of a named FIFO is told, although kqueue does not', ({ poller, own }) => {
  const [reading, writing] = fifo(own)
  assert.equal(poller.add(reading, 1, 1, READ), 0)
  writeSync(writing, 'x')
  assert.deepEqual(eventually(poller), [[1, 1, READ]])
  readSync(reading, Buffer.alloc(1))
  closeSync(writing)
  assert.deepEqual(eventually(poller), [[1, 1, READ]])
  assert.equal(readSync(reading, Buffer.alloc(1)), 0)
})

test('a regular file has no readiness: EPERM', ({ poller, own }) => {
  const file = own(openSync(fileURLToPath(import.meta.url)))
  assert.equal(poller.add(file, 1, 1, READ), -c.EPERM)
})

test('[SELE-13] a descriptor that was closed is EBADF to add, and can be removed', ({ poller, own }) => {
  const [one] = pair(own)
  poller.add(one, 1, 1, READ)
  sockets.close(one)
  assert.equal(poller.remove(one), 0)
  assert.equal(poller.add(one, 1, 1, READ), -c.EBADF)
})

test('closing the poller ends a thread that waits for it, and that of the devices', ({ poller, own }) => {
  const waiter = new drivers.WaiterThread(poller, () => {})
  poller.add(own(openSync('/dev/zero', files.O_RDONLY)), 1, 1, READ)
  waiter.arm(Number.POSITIVE_INFINITY)
  waiter.close()
})
