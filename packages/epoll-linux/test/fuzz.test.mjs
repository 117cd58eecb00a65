// Whatever is passed to a native function, it answers with a number, a value or a typed error, and the process lives.
// Run under AddressSanitizer this also shows that no byte outside a buffer is touched.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { backend, constants as c, linux, openDescriptors, pollers, processes, sockets } from './addon.mjs'
import { detached, numbers, odd, pick, random, seed, throwing, thrown, treacherous, unsteady } from './odd_values.mjs'

const rounds = Number(process.env.LOOP_FUZZ_ROUNDS ?? 400)

let ends = new Int32Array(2)
// Never 0, 1 or 2, and no number that could be one of Node's own.
const descriptor = () =>
  pick([ends[0], ends[1], -1, 999_983, 1.5, 2 ** 31, 2 ** 40, Number.NaN, Number.NEGATIVE_INFINITY])

// For what would take the descriptors away, or make them block.
const nobody = () => pick([-1, 999_983, 1.5, 2 ** 40, Number.NaN])
const brief = () => pick([0, 0.001, -1, Number.NEGATIVE_INFINITY, Number.NaN])
// A made-up number here would be somebody else's descriptor, or a wait for ever.
const isDelicate = (make) => [descriptor, nobody, brief, pid].includes(make)

const steady = [Buffer.alloc(64), Buffer.alloc(65536), Buffer.alloc(4), new Uint8Array(0)]
const bytes = () => pick(random(2) ? steady : unsteady())
const many = new Array(1500).fill(Buffer.alloc(8))
const buffers = () => (random(4) ? Array.from({ length: random(4) }, bytes) : pick([many, treacherous()]))
const address = () =>
  pick([
    { host: '127.0.0.1', port: 0 },
    { host: '::1', port: 1, scopeid: 1, flowinfo: 2 },
    { host: '', port: 0 },
    { host: 'x', port: 70000 },
    { host: 'fe80::1%lo', port: 1 },
    `\0loop-fuzz-${random(1e9)}`,
    'relative',
    Buffer.from([0, 1, 2]),
    new Uint8Array(126),
    new Uint8Array(127),
    throwing('port'),
    null,
  ])
const family = () => pick([c.AF_INET, c.AF_INET6, c.AF_UNIX, c.AF_UNSPEC, c.AF_NETLINK, 45, -1, 65538])
const room = Buffer.alloc(300_000)
const slab = () => pick([room, room.subarray(0, 10_000), room.subarray(1), Buffer.alloc(16384), ...unsteady()])
/** A batch to send whose heads are plausible, or not. */
const outgoing = () => {
  const batch = Buffer.alloc(80_000)
  const words = new Int32Array(batch.buffer, batch.byteOffset + 16, 256)
  let offset = 9232
  for (let head = 0; head < 64; head++) {
    const length = pick([0, 1, 64, 64, 64, 1000])
    words.set([offset, length, pick([-1, -1, 0, 63]), pick([0, 2, 16, 28, 110, 128])], head * 4)
    offset += length
    if (random(100) === 0) words[head * 4 + random(4)] = pick([-2, 64, 129, 2 ** 31 - 1, -(2 ** 31), 80_001])
  }
  for (let at = 1040; at < 9232; at++) batch[at] = random(3)
  return random(4) === 0 ? slab() : batch
}
const control = () => {
  const data = pick([new Uint8Array(Int32Array.of(ends[0]).buffer), bytes(), new Uint8Array(3)])
  return pick([[], [{ level: c.SOL_SOCKET, type: pick([c.SCM_RIGHTS, 2, 99]), data }], [throwing('data')], [{}]])
}
const size = () => pick(numbers)
const flags = () => pick([0, c.MSG_DONTWAIT, c.MSG_PEEK, c.MSG_TRUNC, c.MSG_OOB, c.MSG_ERRQUEUE, 2 ** 31 - 1, -1])
const pair = () => pick([new Int32Array(2), new Int32Array(8), new Int32Array(1), detached(Int32Array)])
const proto = () => pick(['tcp', 'udp', '', 'sctp'])

const pid = () => pick([-1, 0, 1.5, 2 ** 22 + 7, -(2 ** 31), Number.NaN])
const integers = () => pick([new Int32Array(), new Int32Array([ends[0], ends[1]]), detached(Int32Array), null])
/** A program that ends at once, mostly. */
const request = () => {
  const order = {
    files: ['/no/such', '/bin/true'],
    args: ['true'],
    env: [],
    cwd: pick([null, '/', '/no/such']),
    stdio: new Int32Array([-2, pick([-1, -2, -3, ends[0]]), -2]),
    passFds: pick([new Int32Array(), new Int32Array([ends[1]]), new Int32Array([999_983])]),
    closeFds: random(2) === 1,
    newSession: random(2) === 1,
    terminal: pick([-1, -1, ends[0]]),
    processGroup: pick([-1, 0, 2 ** 22 + 7]),
    uid: pick([null, null, 65534]),
    gid: null,
    groups: pick([null, null, new Int32Array(3)]),
    umask: pick([-1, 0o22]),
  }
  if (random(2) === 1) order[pick(Object.keys(order))] = pick([odd, integers, size])()
  return order
}

// Plausible arguments of each function; the fuzzer then spoils some of them.
const calls = {
  socket: [family, () => pick([1, 2, 3, 5, 99]), () => pick([0, 6, 17, 99])],
  socketpair: [() => pick([1, 2]), () => pick([1, 2, 5]), () => 0, pair],
  bind: [descriptor, family, address],
  connect: [descriptor, family, address],
  listen: [descriptor, size],
  accept: [descriptor],
  close: [nobody],
  shutdown: [nobody, () => pick([0, 1, 2, 99])],
  dup: [descriptor],
  setNonblocking: [nobody, () => true],
  isNonblocking: [descriptor],
  getsockname: [descriptor],
  getpeername: [descriptor],
  // Below SO_PEERPIDFD (77), which answers with a descriptor of its own.
  getsockopt: [descriptor, () => pick([0, 1, 6, 41]), () => random(77), bytes],
  setsockopt: [nobody, () => pick([0, 1, 6, 41]), () => random(100), bytes],
  release: [() => pick([Buffer.alloc(pick([0, 1, 100, 5000])), new Uint16Array(3), ...unsteady()])],
  recv: [descriptor, bytes, size, size, flags],
  send: [descriptor, bytes, size, size, flags],
  sendv: [descriptor, buffers, size, size],
  recvfrom: [descriptor, bytes, size, size, flags, () => pick([[], [1, 2], Object.freeze([]), throwing('0')])],
  sendto: [descriptor, bytes, flags, family, address],
  recvmsg: [descriptor, buffers, () => pick([0, 1, 15, 16, 24, 256, 65536, 2 ** 24, 2 ** 24 + 1, 2 ** 40]), flags],
  sendmsg: [descriptor, buffers, control, flags, family, address],
  recvmmsg: [
    descriptor,
    slab,
    () => pick([1, 2, 32, 33]),
    () => pick([0, 1, 64, 65536, 2 ** 20, 2 ** 21]),
    () => random(2) === 1,
  ],
  gather: [slab, () => pick([0, 1, 31]), () => pick([1, 2, 32, 33]), () => pick([0, 64, 2048, 65536, 2 ** 20]), bytes],
  sendmmsg: [
    descriptor,
    outgoing,
    () => pick([0, 0, 1, 64]),
    () => pick([1, 3, 64, 65]),
    () => pick([0, 1, 64, 65535, 2 ** 53]),
    () => random(2) === 1,
  ],
  packAddress: [family, address, bytes],
  unpackAddress: [slab, size, size],
  joinGroup: [nobody, family, size, address, () => pick([null, address()])],
  leaveGroup: [nobody, family, size, address, () => pick([null, address()])],
  setMulticastInterface: [nobody, family, size],
  read: [descriptor, bytes, size, size],
  write: [descriptor, bytes, size, size],
  sendfile: [descriptor, descriptor, size, size],
  splice: [descriptor, descriptor, size],
  lseek: [descriptor, size],
  getservbyname: [() => pick(['http', '', 'x'.repeat(9999), 'nul\0']), proto],
  getservbyport: [size, proto],
  ifIndexToName: [size],
  ifNameToIndex: [() => pick(['lo', '', 'x'.repeat(99), 'l\0o'])],
  eventfd: [size, flags],
  inotifyInit: [],
  inotifyAddWatch: [descriptor, () => pick(['/', '', '/no/such', 'nul\0']), size],
  pipe2: [pair],
  spawn: [request],
  spawned: [descriptor, () => ({})],
  pidfdOpen: [pid],
  waitInThread: [pid],
  reapInThread: [pid],
  reap: [pid, descriptor, pair],
  pipe: [pair],
  openpty: [size, size, pair],
  getpwnam: [() => pick(['root', '', 'x'.repeat(9999), 'nul\0', 'no such'])],
  getgrnam: [() => pick(['root', '', 'x'.repeat(9999), 'nul\0', 'no such'])],
}
const pollerCalls = {
  add: [descriptor, size, size, () => random(6)],
  modify: [descriptor, size, size, () => random(6)],
  remove: [descriptor],
  wait: [brief],
  fileno: [],
}

const makesDescriptor = new Set(['socket', 'accept', 'dup', 'eventfd', 'inotifyInit', 'pidfdOpen', 'waitInThread'])

/** Nobody wants to know what becomes of a process. */
function abandon(fd) {
  sockets.shutdown(fd, c.SHUT_RD)
  const child = processes.spawned(fd, {})
  if (child > 0) processes.reapInThread(child)
  sockets.close(fd)
}

/** Closes what a call opened. */
function release(name, result, args) {
  if (makesDescriptor.has(name) && result >= 0) sockets.close(result)
  if (name === 'spawn' && result >= 0) abandon(result)
  const made = { pipe: args[0], pipe2: args[0], socketpair: args[3], openpty: args[2] }[name]
  if (made !== undefined && (result === 0 || typeof result === 'string'))
    for (const fd of made.slice(0, 2)) sockets.close(fd)
  if (name !== 'recvmsg' || typeof result === 'number') return
  for (const { level, type, data } of result.ancillary) {
    if (level !== c.SOL_SOCKET || type !== c.SCM_RIGHTS) continue
    for (let at = 0; at + 4 <= data.length; at += 4) sockets.close(data.readInt32LE(at))
  }
}

function attempt(name, call, args) {
  let result
  try {
    result = call(...args)
  } catch (error) {
    if (error === thrown) return
    assert.ok(error instanceof TypeError || error instanceof RangeError, `${name}: ${error?.stack}`)
    return
  }
  assert.notEqual(result, undefined, name)
  release(name, result, args)
}

/** Plausible arguments, spoilt: some replaced, dropped, or too many. */
function spoilt(makers) {
  const args = makers.map((make) => (random(3) === 0 && !isDelicate(make) ? odd() : make()))
  for (let index = 0; index < args.length; index++) {
    if (isDelicate(makers[index]) && random(6) === 0)
      args[index] = pick([undefined, null, 'x', {}, 1n, Symbol('fd'), []])
  }
  const count = random(8)
  if (count === 0) args.length = random(args.length + 1)
  if (count === 1) args.push(odd(), odd())
  return args
}

describe(`fuzz, seed ${seed}`, () => {
  const home = process.cwd()
  const folder = mkdtempSync(join(tmpdir(), 'loop-'))
  let opened

  before(() => {
    // Unix addresses among the arguments leave files behind.
    process.chdir(folder)
    opened = openDescriptors()
  })
  after(() => {
    process.chdir(home)
    rmSync(folder, { recursive: true })
  })

  const fresh = (family = c.AF_UNIX, type = pick([c.SOCK_STREAM, c.SOCK_DGRAM])) => {
    for (const fd of ends) if (fd > 0) sockets.close(fd)
    ends = new Int32Array(2)
    assert.equal(sockets.socketpair(family, type, 0, ends), 0)
  }

  it('knows every function there is', () => {
    assert.deepEqual(Object.keys(calls).sort(), [sockets, linux, processes].flatMap(Object.keys).sort())
  })

  for (const [name, makers] of Object.entries(calls)) {
    it(name, () => {
      const call = sockets[name] ?? linux[name] ?? processes[name]
      attempt(name, call, [])
      for (let round = 0; round < rounds; round++) {
        if (round % 20 === 0) fresh()
        attempt(name, call, spoilt(makers))
      }
    })
  }

  for (const [name, Poller] of Object.entries(pollers)) {
    it(`${name} selector`, () => {
      let poller = new Poller()
      for (let round = 0; round < rounds * 4; round++) {
        if (round % 50 === 0) {
          poller.close()
          poller = new Poller()
          fresh()
        }
        const [method, makers] = pick(Object.entries(pollerCalls))
        attempt(method, (...args) => poller[method](...args), spoilt(makers))
      }
      poller.close()
      for (const [method, makers] of Object.entries(pollerCalls)) {
        attempt(method, (...args) => poller[method](...args), spoilt(makers))
        for (const self of [undefined, null, {}, 1, sockets, new Proxy(poller, {}), Object.create(poller)]) {
          assert.throws(() => Poller.prototype[method].call(self, -1, 0, 0, 0), TypeError)
        }
      }
    })
  }

  for (const [name, Driver] of Object.entries(backend.drivers)) {
    it(`${name} driver`, () => {
      for (let round = 0; round < rounds; round++) {
        const args = [odd(), odd(), odd(), odd()]
        if (random(2)) args[0] = pollers.epoll.prototype
        assert.throws(() => new Driver(...args), TypeError)
      }
    })
  }

  it('left nothing open', async () => {
    for (const fd of ends) sockets.close(fd)
    // Processes are started by a thread, which may have some to go.
    for (let wait = 0; wait < 1000 && openDescriptors() > opened; wait++)
      await new Promise((next) => setTimeout(next, 10))
    assert.equal(openDescriptors(), opened)
  })
})
