// How the kqueue backend learns of a child's end (EVFILT_PROC), over a stand-in with XNU's pitfalls.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const { load } = require('../../../packages/kqueue-darwin/dist/index.cjs')
const path = process.env.LOOP_BACKEND_PATH ?? '../../../packages/kqueue-darwin/build/release/loop.node'
const { constants: c, pollers, processes, sockets } = load(fileURLToPath(new URL(path, import.meta.url)))

const READ = 1
const shell = (script) => ({
  files: ['/bin/sh'],
  args: ['sh', '-c', script],
  env: ['PATH=/usr/bin:/bin'],
  cwd: null,
  stdio: new Int32Array([-2, -2, -2]),
  passFds: new Int32Array(),
  closeFds: true,
  newSession: false,
  terminal: -1,
  processGroup: -1,
  uid: null,
  gid: null,
  groups: null,
  umask: -1,
})

/** Waits until `fd` is readable, as `poller` (kqueue, poll or select) sees it. */
function readable(poller, fd) {
  assert.equal(poller.add(fd, 1, 1, READ), 0)
  const deadline = Date.now() + 20_000
  while (poller.wait(100) === 0) assert.ok(Date.now() < deadline, 'it did not become readable within 20 s')
  assert.equal(poller.remove(fd), 0)
}

/** Waits for what another process or thread does, for 20 s at most. */
async function until(condition, otherwise) {
  const deadline = Date.now() + 20_000
  while (!condition()) {
    assert.ok(Date.now() < deadline, otherwise())
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The process id, or -errno with what failed in `failure`. */
function spawn(request, failure = {}) {
  const poller = new pollers.poll()
  const fd = processes.spawn(request)
  assert.ok(fd >= 0)
  try {
    readable(poller, fd)
    return processes.spawned(fd, failure)
  } finally {
    sockets.close(fd)
    poller.close()
  }
}

function test(name, body) {
  it(name, async () => {
    const count = () => readdirSync('/proc/self/fd').length
    const before = count()
    await body()
    // The thread that starts children closes its ends when it has its turn: of this test's, and of those before.
    await until(
      () => count() <= before,
      () => `${count() - before} descriptors are left`,
    )
  })
}

for (const kind of ['kqueue', 'poll', 'select']) {
  test(`${kind} sees the end of a child, and it can be reaped once`, () => {
    const poller = new pollers[kind]()
    const pid = spawn(shell('exit 7'))
    const exit = processes.pidfdOpen(pid)
    readable(poller, exit)
    const status = new Int32Array(1)
    assert.equal(processes.reap(pid, exit, status), 1)
    assert.equal(status[0], 7)
    assert.equal(processes.reap(pid, -1, status), -c.ECHILD)
    sockets.close(exit)
    poller.close()
  })
}

test('a child that ended before anybody looked (ESRCH of kevent) is told of all the same', () => {
  const poller = new pollers.kqueue()
  const pid = spawn(shell('kill -9 $$'))
  // A first watch, to know that it has ended.
  const first = processes.pidfdOpen(pid)
  readable(poller, first)
  sockets.close(first)
  const exit = processes.pidfdOpen(pid)
  assert.ok(exit >= 0)
  readable(poller, exit)
  const status = new Int32Array(1)
  assert.equal(processes.reap(pid, exit, status), 1)
  assert.equal(status[0], -9)
  sockets.close(exit)
  poller.close()
})

test('a child that runs is not reaped, and not waited for', () => {
  const pid = spawn(shell('exec sleep 100'))
  const exit = processes.pidfdOpen(pid)
  const status = new Int32Array(1)
  assert.equal(processes.reap(pid, exit, status), 0)
  process.kill(pid, 'SIGTERM')
  const poller = new pollers.kqueue()
  readable(poller, exit)
  assert.equal(processes.reap(pid, exit, status), 1)
  assert.equal(status[0], -15)
  poller.close()
  sockets.close(exit)
})

test('no process of that number is ESRCH', () => {
  assert.equal(processes.pidfdOpen(2 ** 22 + 7), -c.ESRCH)
  assert.equal(processes.pidfdOpen(0), -c.EINVAL)
})

test('what fails is named, whether posix_spawn or a fork started the child', () => {
  for (const [change, code, syscall] of [
    [{ files: ['/no/such/program'] }, -c.ENOENT, 'execve'],
    [{ cwd: '/no/such/folder' }, -c.ENOENT, 'chdir'],
    [{ cwd: '/dev/null' }, -c.ENOTDIR, 'chdir'],
    [{ files: ['/no/such/program'], umask: 0o22 }, -c.ENOENT, 'execve'],
    [{ cwd: '/no/such/folder', umask: 0o22 }, -c.ENOENT, 'chdir'],
    [{ files: ['/dev/null'] }, -c.EACCES, 'execve'],
  ]) {
    const failure = {}
    assert.equal(spawn({ ...shell('true'), ...change }, failure), code)
    assert.equal(failure.syscall, syscall)
  }
})

/** The name of the program that a process runs by now. */
const programOf = (pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim()

/** What is open in a process. */
const opened = (pid) =>
  readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return 'closed meanwhile'
    }
  })

test('a child has its standard descriptors and nothing else, whichever way it was started', async () => {
  for (const change of [{}, { umask: 0o22 }]) {
    const pid = spawn({ ...shell('exec sleep 100'), ...change })
    // Not before it runs: until then the system's loader opens and closes files in it.
    await until(
      () => programOf(pid) === 'sleep' && opened(pid).length === 3,
      () => `it has ${opened(pid)}`,
    )
    assert.deepEqual(opened(pid), ['/dev/null', '/dev/null', '/dev/null'])
    process.kill(pid, 'SIGKILL')
    const exit = processes.pidfdOpen(pid)
    const poller = new pollers.poll()
    readable(poller, exit)
    assert.equal(processes.reap(pid, exit, new Int32Array(1)), 1)
    poller.close()
    sockets.close(exit)
  }
})
