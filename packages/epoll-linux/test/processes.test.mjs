// Processes: what a child gets and what is told of it, below the level of loops.
import assert from 'node:assert/strict'
import { spawn as hostSpawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { answer, constants, openDescriptors, opened, processes, READ, sockets, waitFor } from './addon.mjs'

const INHERIT = -1
const NULL = -2

const request = (command, more = {}) => ({
  files: ['/bin/sh'],
  args: ['sh', '-c', command],
  env: ['PATH=/bin:/usr/bin'],
  cwd: null,
  stdio: new Int32Array([NULL, NULL, INHERIT]),
  passFds: new Int32Array(),
  closeFds: true,
  newSession: false,
  terminal: -1,
  processGroup: -1,
  uid: null,
  gid: null,
  groups: null,
  umask: -1,
  ...more,
})

/** Starts a process and waits until it is known how that went. */
function spawn(order, failure = {}) {
  const fd = processes.spawn(order)
  if (fd < 0) return fd
  waitFor(fd, READ)
  const result = processes.spawned(fd, failure)
  sockets.close(fd)
  return result
}

/** How a child ended. */
function ended(pid) {
  const pidfd = processes.pidfdOpen(pid)
  waitFor(pidfd, READ)
  const status = new Int32Array(1)
  assert.equal(processes.reap(pid, pidfd, status), 1)
  sockets.close(pidfd)
  return status[0]
}

function pipe() {
  const pair = new Int32Array(2)
  assert.equal(processes.pipe(pair), 0)
  return pair
}

/** What a command writes to its standard output. */
function output(command, more = {}) {
  const [reading, writing] = pipe()
  const pid = spawn(request(command, { stdio: new Int32Array([NULL, writing, INHERIT]), ...more }))
  sockets.close(writing)
  assert.ok(pid > 0, `spawn: ${pid}`)
  const text = readFileSync(reading, 'latin1')
  sockets.close(reading)
  assert.equal(ended(pid), 0)
  return text
}

const children = () =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === process.pid
    } catch {
      return false
    }
  })

const eventually = async (condition) => {
  for (let wait = 0; wait < 1000 && !condition(); wait++) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.ok(condition(), String(condition))
}

describe('spawn', () => {
  it('gives a process id, and its end can be waited for and is told once', async () => {
    const before = openDescriptors()
    const pid = spawn(request('exit 7'))
    assert.ok(pid > 0)
    assert.equal(ended(pid), 7)
    const status = new Int32Array(1)
    assert.equal(processes.reap(pid, -1, status), answer('ECHILD'))
    const killed = spawn(request('kill -KILL $$'))
    assert.equal(ended(killed), -9)
    // The thread closes its end of the answer after it has given it.
    await eventually(() => openDescriptors() <= before)
  })

  it('reap is 0 for a child that runs', () => {
    const [reading, writing] = pipe()
    const pid = spawn(request('read line', { stdio: new Int32Array([reading, NULL, NULL]) }))
    const status = new Int32Array(1)
    assert.equal(processes.reap(pid, -1, status), 0)
    for (const fd of [reading, writing]) sockets.close(fd)
    assert.equal(ended(pid), 1)
  })

  it('names the call that failed, and leaves no child', () => {
    const before = children()
    const cases = [
      [{ files: ['/no/such', '/bin/no-such'] }, 'ENOENT', 'execve'],
      [{ files: ['/no/such', '/etc/passwd', '/bin/no-such'] }, 'EACCES', 'execve'],
      [{ files: ['/etc/passwd/x'] }, 'ENOENT', 'execve'],
      [{ files: [] }, 'ENOENT', 'execve'],
      [{ cwd: '/no/such' }, 'ENOENT', 'chdir'],
      [{ processGroup: 2 ** 22 + 7 }, 'EPERM', 'setpgid'],
      [{ newSession: true, processGroup: 0 }, 'EPERM', 'setpgid'],
      [{ terminal: 0, stdio: new Int32Array([NULL, NULL, NULL]) }, null, 'ioctl'],
      [{ groups: new Int32Array(100_000) }, 'EINVAL', 'setgroups'],
    ]
    const null0 = opened({ after: () => {} }, sockets.socket(constants.AF_UNIX, constants.SOCK_STREAM, 0))
    for (const [more, code, call] of cases) {
      const failure = {}
      const result = spawn(request('true', 'terminal' in more ? { ...more, terminal: null0 } : more), failure)
      if (code !== null) assert.equal(result, answer(code), JSON.stringify(more))
      assert.ok(result < 0)
      assert.equal(failure.syscall, call)
    }
    sockets.close(null0)
    assert.equal(spawn(request('true', { stdio: new Int32Array([999_999, NULL, NULL]) })), answer('EBADF'))
    assert.equal(spawn(request('true', { passFds: new Int32Array([999_999]) })), answer('EBADF'))
    assert.equal(spawn(request('true', { passFds: new Int32Array([-1]) })), answer('EBADF'))
    assert.deepEqual(children(), before)
  })

  it('refuses requests that are none', () => {
    for (const wrong of [undefined, null, 1, {}, []]) assert.throws(() => processes.spawn(wrong), TypeError)
    for (const [name, value] of Object.entries({
      files: 'x',
      args: [1],
      env: {},
      cwd: 1,
      stdio: [0, 1, 2],
      passFds: null,
      closeFds: 1,
      umask: 'x',
      uid: 'root',
    })) {
      assert.throws(() => processes.spawn(request('true', { [name]: value })), TypeError, name)
    }
    assert.throws(() => processes.spawn(request('true', { stdio: new Int32Array(2) })), RangeError)
    assert.throws(() => processes.spawn(request('true', { uid: 2 ** 32 - 1 })), RangeError)
    for (const [name, value] of Object.entries({ files: ['\0'], args: ['a\0b'], env: ['A=\0'], cwd: '/\0' })) {
      assert.throws(() => processes.spawn(request('true', { [name]: value })), RangeError, name)
    }
    const thrown = new Error('getter')
    const treacherous = request('true')
    Object.defineProperty(treacherous, 'umask', {
      get() {
        throw thrown
      },
    })
    assert.throws(() => processes.spawn(treacherous), thrown)
  })

  it('standard descriptors, exchanged and all the same', () => {
    const [reading, writing] = pipe()
    const stdio = new Int32Array([NULL, writing, writing])
    assert.equal(ended(spawn(request('echo out; echo err >&2', { stdio }))), 0)
    sockets.close(writing)
    assert.equal(readFileSync(reading, 'latin1'), 'out\nerr\n')
    sockets.close(reading)
    // 1 and 2 are this process's own: only that it works can be seen.
    assert.equal(ended(spawn(request('true', { stdio: new Int32Array([0, 2, 1]) }))), 0)
  })

  it('closes everything else but what is passed, whose numbers stay', () => {
    const [reading, writing] = pipe()
    const pass = new Int32Array([writing])
    const list = output('ls /proc/$$/fd; true', { passFds: pass })
    assert.deepEqual(
      list
        .trim()
        .split('\n')
        .map(Number)
        .sort((a, b) => a - b),
      [0, 1, 2, writing],
    )
    assert.deepEqual(output('ls /proc/$$/fd; true').trim(), '0\n1\n2')
    for (const fd of [reading, writing]) sockets.close(fd)
  })

  it('what it was given may be closed at once, and its number be taken', () => {
    for (let round = 0; round < 50; round++) {
      const [reading, writing] = pipe()
      const stdio = new Int32Array([NULL, writing, NULL])
      const fd = processes.spawn(
        request(`echo out; echo pass >/dev/fd/${writing}`, { stdio, passFds: new Int32Array([writing]) }),
      )
      sockets.close(writing)
      const stranger = pipe()
      waitFor(fd, READ)
      const pid = processes.spawned(fd, {})
      assert.ok(pid > 0)
      for (const each of [fd, ...stranger]) sockets.close(each)
      assert.equal(readFileSync(reading, 'latin1'), 'out\npass\n')
      sockets.close(reading)
      assert.equal(ended(pid), 0)
    }
  })

  it('signals are at their defaults, and none is blocked', () => {
    const status = output('', { files: ['/bin/cat'], args: ['cat', '/proc/self/status'] })
    for (const set of ['SigBlk', 'SigIgn', 'SigCgt']) assert.match(status, new RegExp(`${set}:\\s0{16}\n`))
  })

  it('a child outlives the call, and asks in vain for its parent thread to die', {
    skip: !hasSetpriv() && 'there is no setpriv',
  }, async () => {
    const [reading, writing] = pipe()
    const pid = spawn({
      ...request('', { stdio: new Int32Array([reading, NULL, NULL]) }),
      files: ['/usr/bin/setpriv', '/bin/setpriv'],
      args: ['setpriv', '--pdeathsig', 'KILL', 'cat'],
    })
    // The thread that started it goes on to start others, and does not end.
    for (let more = 0; more < 5; more++) assert.equal(ended(spawn(request('true'))), 0)
    const status = new Int32Array(1)
    assert.equal(processes.reap(pid, -1, status), 0)
    for (const fd of [reading, writing]) sockets.close(fd)
    assert.equal(ended(pid), 0)
  })

  it('umask, directory and environment', () => {
    assert.equal(output('umask; pwd; echo $A', { umask: 0o27, cwd: '/usr', env: ['A=b=c'] }), '0027\n/usr\nb=c\n')
  })

  it('a child whose outcome nobody wants is killed and reaped', async () => {
    const before = children().length
    for (let round = 0; round < 20; round++) {
      const fd = processes.spawn(request('sleep 100'))
      sockets.shutdown(fd, constants.SHUT_RD)
      const pid = processes.spawned(fd, {})
      // Either it is there, or it will be killed.
      if (pid > 0) {
        process.kill(pid, 'SIGKILL')
        assert.equal(processes.reapInThread(pid), 0)
      }
      sockets.close(fd)
    }
    assert.equal(ended(spawn(request('true'))), 0)
    await eventually(() => children().length === before)
  })

  it('spawned is EAGAIN before the outcome, and EPROTO for what is none', () => {
    const ends = new Int32Array(2)
    sockets.socketpair(constants.AF_UNIX, constants.SOCK_STREAM, 0, ends)
    assert.equal(processes.spawned(ends[0], {}), answer('EAGAIN'))
    sockets.send(ends[1], Buffer.alloc(3), 0, 3, 0)
    assert.equal(processes.spawned(ends[0], {}), answer('EPROTO'))
    const strange = Buffer.from(Int32Array.of(-2, 99).buffer)
    sockets.send(ends[1], strange, 0, 8, 0)
    const failure = {}
    assert.equal(processes.spawned(ends[0], failure), -2)
    assert.equal(failure.syscall, 'spawn')
    sockets.send(ends[1], strange, 0, 8, 0)
    assert.throws(() => processes.spawned(ends[0], undefined), TypeError)
    for (const fd of ends) sockets.close(fd)
  })

  it('does not touch the children of the host, nor the host ours', async () => {
    const theirs = hostSpawn('sh', ['-c', 'read line; exit 3'], { stdio: ['pipe', 'ignore', 'ignore'] })
    const exit = new Promise((resolve) => theirs.once('exit', resolve))
    const pids = Array.from({ length: 5 }, (_, code) => spawn(request(`exit ${code}`)))
    theirs.stdin.end('\n')
    assert.equal(await exit, 3)
    assert.deepEqual(pids.map(ended), [0, 1, 2, 3, 4])
  })

  it('works from several workers at a time', async () => {
    const addon = JSON.stringify(new URL('addon.mjs', import.meta.url).href)
    const source = `import(${addon}).then(({ processes, sockets, waitFor }) => {
      const { parentPort, workerData } = require('node:worker_threads')
      const status = new Int32Array(1)
      const codes = []
      for (let n = 0; n < 10; n++) {
        const fd = processes.spawn({ ...workerData, args: ['sh', '-c', 'exit ' + n] })
        waitFor(fd, 1)
        const pid = processes.spawned(fd, {})
        sockets.close(fd)
        const end = n % 2 ? processes.waitInThread(pid) : processes.pidfdOpen(pid)
        waitFor(end, 1)
        sockets.close(end)
        codes.push(processes.reap(pid, -1, status) === 1 ? status[0] : -1)
      }
      parentPort.postMessage(codes)
    })`
    const codes = await Promise.all(
      [1, 2, 3].map(() => {
        const worker = new Worker(source, { eval: true, workerData: request('') })
        return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
      }),
    )
    assert.deepEqual(codes, Array(3).fill([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
  })
})

describe('waiting for a child', () => {
  it('pidfdOpen is ESRCH for nobody', () => {
    assert.equal(processes.pidfdOpen(2 ** 22 + 7), answer('ESRCH'))
    for (const wrong of [-1, 0]) assert.equal(processes.pidfdOpen(wrong), answer('EINVAL'))
    for (const wrong of [-1, 0]) assert.equal(processes.reap(wrong, -1, new Int32Array(1)), answer('EINVAL'))
    for (const wrong of [-1, 0]) assert.equal(processes.waitInThread(wrong), answer('EINVAL'))
    for (const wrong of [-1, 0]) assert.equal(processes.reapInThread(wrong), answer('EINVAL'))
    assert.throws(() => processes.reap(1, -1, new Int32Array(0)), RangeError)
  })

  it('a thread gives a descriptor that is readable at the end, and leaves the child to be reaped', async () => {
    const before = openDescriptors()
    const [reading, writing] = pipe()
    const pid = spawn(request('read line; exit 4', { stdio: new Int32Array([reading, NULL, NULL]) }))
    const end = processes.waitInThread(pid)
    assert.ok(end >= 0)
    assert.equal(sockets.read(end, Buffer.alloc(1), 0, 1), answer('EAGAIN'))
    for (const fd of [reading, writing]) sockets.close(fd)
    waitFor(end, READ)
    assert.equal(sockets.read(end, Buffer.alloc(1), 0, 1), 0)
    sockets.close(end)
    const status = new Int32Array(1)
    assert.equal(processes.reap(pid, -1, status), 1)
    assert.equal(status[0], 4)
    // Of a process that is no child there is no end to wait for.
    const none = processes.waitInThread(1)
    waitFor(none, READ)
    sockets.close(none)
    await eventually(() => openDescriptors() <= before)
  })
})

describe('pipes, terminals, accounts', () => {
  it('pipe: blocking and close-on-exec', () => {
    const ends = pipe()
    assert.deepEqual(
      [...ends].map((fd) => sockets.isNonblocking(fd)),
      [0, 0],
    )
    assert.equal(sockets.write(ends[1], Buffer.from('x'), 0, 1), 1)
    assert.equal(sockets.read(ends[0], Buffer.alloc(1), 0, 1), 1)
    assert.equal(output(`test -e /proc/$$/fd/${ends[0]} || echo closed`, { closeFds: false }), 'closed\n')
    for (const fd of ends) sockets.close(fd)
  })

  it('openpty: two sides, a path and a size', () => {
    const pair = new Int32Array(2)
    const path = processes.openpty(30, 100, pair)
    assert.match(path, /^\/dev\/pts\/\d+$/)
    const [master, slave] = pair
    const stdio = new Int32Array([slave, slave, slave])
    const pid = spawn(request('stty size; tty; stty -g >/dev/tty', { stdio, terminal: slave, newSession: true }))
    sockets.close(slave)
    const chunks = []
    const chunk = Buffer.alloc(1024)
    for (let n = sockets.read(master, chunk, 0, 1024); n > 0; n = sockets.read(master, chunk, 0, 1024))
      chunks.push(chunk.toString('latin1', 0, n))
    assert.match(chunks.join(''), new RegExp(`^30 100\r\n${path}\r\n[0-9a-f:]+\r\n$`))
    sockets.close(master)
    assert.equal(ended(pid), 0)
    assert.throws(() => processes.openpty(65_536, 0, pair), RangeError)
    assert.throws(() => processes.openpty(1, 1, new Int32Array(1)), RangeError)
  })

  it('users and groups by name', () => {
    assert.deepEqual([processes.getpwnam('root'), processes.getgrnam('root')], [0, 0])
    assert.equal(processes.getpwnam('no such user'), answer('ENOENT'))
    assert.equal(processes.getgrnam('no such group'), answer('ENOENT'))
  })
})

function hasSetpriv() {
  return readdirSync('/usr/bin').includes('setpriv')
}
