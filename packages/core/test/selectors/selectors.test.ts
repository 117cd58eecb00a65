import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import {
  AfdSelector,
  DefaultSelector,
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  KqueueSelector,
  LoopError,
  NotImplementedError,
  PollSelector,
  type Selector,
  SelectorEventLoop,
  SelectSelector,
  type Socket,
  socketpair,
} from '../../src/index.js'

const both = EVENT_READ | EVENT_WRITE
const closing: { close(): void }[] = []

afterEach(() => {
  for (const one of closing.splice(0)) one.close()
})

function keep<T extends { close(): void }[]>(...ones: T): T {
  closing.push(...ones)
  return ones
}

const pair = () => keep(...socketpair())
const core = import.meta.resolve('@loop/core')

const windows = process.platform === 'win32'
type Named = [string, new () => Selector]
const scalable: Named[] = windows
  ? [['AfdSelector', AfdSelector]]
  : [
      ['EpollSelector', EpollSelector],
      ['PollSelector', PollSelector],
    ]
const others: Named[] = [
  ['SelectSelector', SelectSelector],
  ['DefaultSelector', DefaultSelector],
]

describe.each([...scalable, ...others])('%s', (name, Class) => {
  const make = () => keep(new Class())[0]

  it('[SELE-01] register gives a key with the file, its number, the events and the data', () => {
    const [a, b] = pair()
    const selector = make()
    const data = { any: 'thing' }
    expect(selector.register(a, EVENT_READ, data)).toEqual({ fileobj: a, fd: a.fileno(), events: EVENT_READ, data })
    expect(selector.register(b.fileno(), both)).toEqual({
      fileobj: b.fileno(),
      fd: b.fileno(),
      events: both,
      data: null,
    })
  })

  it('[SELE-02] bad events, bad descriptors and duplicates are RangeErrors, other things TypeErrors', () => {
    const [a] = pair()
    const selector = make()
    for (const events of [0, 4, -1, 1.5, Number.NaN]) expect(() => selector.register(a, events)).toThrow(RangeError)
    expect(() => selector.register(a, '1' as never)).toThrow(TypeError)
    expect(() => selector.register(-10, EVENT_READ)).toThrow(RangeError)
    for (const file of ['a', null, {}, undefined]) {
      expect(() => selector.register(file as never, EVENT_READ)).toThrow(TypeError)
    }
    selector.register(a, EVENT_READ)
    expect(() => selector.register(a, EVENT_READ)).toThrow(RangeError)
    expect(() => selector.register(a.fileno(), EVENT_WRITE)).toThrow(/registered already/)
  })

  it('[SELE-03] unregister works after the descriptor was closed, and gives the key', () => {
    const [a, b] = pair()
    const selector = make()
    const key = selector.register(a, EVENT_READ)
    selector.register(b, EVENT_READ)
    a.close()
    expect(selector.unregister(a)).toEqual(key)
    expect(() => selector.unregister(a)).toThrow(RangeError)
    b.close()
    expect(selector.unregister(b).fileobj).toBe(b)
    expect(() => selector.unregister(424242)).toThrow(RangeError)
  })

  it('[SELE-04] modify changes events and data; an unknown file is a RangeError', () => {
    const [a, b] = pair()
    const selector = make()
    selector.register(a, EVENT_READ, 1)
    expect(selector.modify(a, EVENT_WRITE, 2)).toMatchObject({ events: EVENT_WRITE, data: 2 })
    expect(selector.getKey(a)).toMatchObject({ events: EVENT_WRITE, data: 2 })
    expect(selector.select(0)).toEqual([[selector.getKey(a), EVENT_WRITE]])
    expect(selector.modify(a, EVENT_WRITE, 3).data).toBe(3)
    selector.modify(a, EVENT_READ)
    expect(selector.select(0)).toEqual([])
    expect(() => selector.modify(b, EVENT_READ)).toThrow(RangeError)
    expect(() => selector.modify(a, 0)).toThrow(RangeError)
  })

  it('[SELE-05] tells of reading and writing in one select', () => {
    const [a, b] = pair()
    const selector = make()
    selector.register(a, both)
    expect(selector.select()).toEqual([[selector.getKey(a), EVENT_WRITE]])
    b.send('x')
    expect(selector.select()).toEqual([[selector.getKey(a), both]])
    selector.register(b, EVENT_READ)
    expect(selector.select().length).toBe(1)
  })

  it('[SELE-05] a peer that is gone makes it readable', () => {
    const [a, b] = pair()
    const selector = make()
    selector.register(a, EVENT_READ)
    b.close()
    expect(selector.select()).toEqual([[selector.getKey(a), EVENT_READ]])
  })

  it('[SELE-06] 0 or less only looks, a timeout is waited for, null has no limit', () => {
    const [a, b] = pair()
    const selector = make()
    selector.register(a, EVENT_READ)
    expect(selector.select(0)).toEqual([])
    expect(selector.select(-1)).toEqual([])
    const began = performance.now()
    expect(selector.select(120)).toEqual([])
    expect(performance.now() - began).toBeGreaterThanOrEqual(119.9)
    expect(() => selector.select(Number.NaN)).toThrow(RangeError)
    expect(() => selector.select('1' as never)).toThrow(TypeError)
    b.send('x')
    expect(selector.select(null).length).toBe(1)
    expect(selector.select(Number.POSITIVE_INFINITY).length).toBe(1)
  })

  it('[SELE-07] without registrations it gives nothing, after the timeout', () => {
    const selector = make()
    expect(selector.select(0)).toEqual([])
    const began = performance.now()
    expect(selector.select(60)).toEqual([])
    expect(performance.now() - began).toBeGreaterThanOrEqual(59.9)
  })

  // Windows has no signals that end a call.
  it.skipIf(windows)('[SELE-08] a signal during select does not end it early', async () => {
    const script = `
      import { ${name} } from ${JSON.stringify(core)}
      import { spawn } from 'node:child_process'
      process.on('SIGUSR2', () => {})
      const selector = new ${name}()
      // Another process sends the signals while this thread is blocked.
      const sender = spawn('sh', ['-c', 'for i in 1 2 3 4 5; do kill -USR2 ' + process.pid + '; sleep 0.02; done'])
      const began = performance.now()
      const found = selector.select(300)
      process.stdout.write(JSON.stringify({ found, took: performance.now() - began }))
      selector.close()
      sender.on('close', () => process.exit(0))`
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
    const { found, took } = JSON.parse(output) as { found: unknown[]; took: number }
    expect(found).toEqual([])
    expect(took).toBeGreaterThanOrEqual(299.9)
  })

  it('[SELE-09] once it is closed getKey fails and getMap gives null', () => {
    const [a] = pair()
    const selector = make()
    selector.register(a, EVENT_READ)
    selector.close()
    selector.close()
    expect(() => selector.getKey(a)).toThrow(LoopError)
    expect(selector.getMap()).toBeNull()
    expect(() => selector.select(0)).toThrow(LoopError)
    expect(() => selector.register(a, EVENT_READ)).toThrow(LoopError)
  })

  it('[SELE-10] getMap is live and read-only, and finds by file or number', () => {
    const [a, b] = pair()
    const selector = make()
    const map = selector.getMap()!
    expect([map.size, [...map]]).toEqual([0, []])
    const key = selector.register(a, EVENT_READ, 'data')
    expect(map.size).toBe(1)
    expect([map.get(a), map.get(a.fileno())]).toMatchObject([key, key])
    expect([map.has(a), map.has(b), map.has(b.fileno())]).toEqual([true, false, false])
    expect([...map.keys()]).toEqual([a])
    expect([...map.values()]).toMatchObject([key])
    expect([...map.entries()]).toMatchObject([[a, key]])
    expect('set' in map || 'delete' in map).toBe(false)
    selector.unregister(a)
    expect(map.size).toBe(0)
  })

  it('an event of a former owner of a number is not told to the next', () => {
    const selector = make()
    const [a, b] = pair()
    b.send('x')
    selector.register(a, EVENT_READ, 'old')
    const number = a.fileno()
    selector.unregister(a)
    a.close()
    const [c, d] = pair()
    const reused = [c, d].find((socket) => socket.fileno() === number)
    if (reused !== undefined) selector.register(reused, EVENT_READ, 'new')
    expect(selector.select(0)).toEqual([])
  })

  it('belongs to its loop once it was given to one', () => {
    const [a] = pair()
    const selector = new Class()
    const loop = new SelectorEventLoop(selector)
    try {
      expect(() => selector.select(0)).toThrow(/belongs to an event loop/)
      expect(() => selector.register(a, EVENT_READ)).toThrow(LoopError)
      expect(() => new SelectorEventLoop(selector)).toThrow(LoopError)
      expect(loop.backend.name).toBe(selector.name)
    } finally {
      loop.close()
    }
    expect(selector.getMap()).toBeNull()
  })

  it('[SELE-12] rejects a regular file with an explanation, and stays as it was', () => {
    const folder = mkdtempSync(join(tmpdir(), 'loop-'))
    const fd = openSync(join(folder, 'file'), 'w+')
    try {
      const selector = make()
      expect(() => selector.register(fd, EVENT_READ)).toThrow(
        windows ? /ENOTSOCK.*no open socket/ : /EPERM.*regular file.*no readiness/,
      )
      expect(selector.getMap()!.size).toBe(0)
      const [a] = pair()
      selector.register(a, EVENT_WRITE)
      expect(selector.select(0).length).toBe(1)
    } finally {
      closeSync(fd)
      rmSync(folder, { recursive: true })
    }
  })

  it('rejects a closed descriptor', () => {
    const selector = make()
    expect(() => selector.register(999_999, EVENT_READ)).toThrow(/EBADF|EMFILE|ENOTSOCK/)
    expect(selector.getMap()!.size).toBe(0)
  })

  it('ends with its worker, also while it waits without limit', async () => {
    const script = `
      import(${JSON.stringify(core)}).then(({ ${name} }) => {
        const selector = new ${name}()
        require('node:worker_threads').parentPort.postMessage('waiting')
        selector.select()
      })`
    const worker = new Worker(script, { eval: true })
    await new Promise((resolve) => worker.once('message', resolve))
    expect(await worker.terminate()).toBe(1)
  })
})

describe.each(scalable)('%s', (_name, Class) => {
  it('[SELE-11] watches more than FD_SETSIZE descriptors, and tells of all in one select', () => {
    const selector = keep(new Class())[0]
    const sockets: Socket[] = []
    for (let i = 0; i < 600; i++) sockets.push(...pair())
    expect(Math.max(...sockets.map((socket) => socket.fileno()))).toBeGreaterThan(1100)
    for (const socket of sockets) selector.register(socket, both)
    const found = selector.select()
    expect(new Set(found.map(([key]) => key.fd)).size).toBe(1200)
  })
})

// That of Windows has another limit: tooling/conformance/src/platform_limits.test.ts.
describe.skipIf(windows)('SelectSelector', () => {
  it('[SELE-11] says that a descriptor is beyond FD_SETSIZE, and what to use', () => {
    const selector = keep(new SelectSelector())[0]
    let last = pair()[0]
    while (last.fileno() < 1030) last = pair()[0]
    expect(() => selector.register(last, EVENT_READ)).toThrow(/FD_SETSIZE.*EpollSelector or PollSelector/)
  })
})

describe('what this platform does not have', () => {
  it.runIf(process.platform === 'linux')('KqueueSelector says what there is instead', () => {
    expect(() => new KqueueSelector()).toThrow(NotImplementedError)
    expect(() => new KqueueSelector()).toThrow(/epoll, poll, select/)
  })

  // None of Windows has one.
  it.skipIf(windows)('those with a descriptor of their own can be watched themselves', () => {
    const [a, b] = pair()
    for (const watched of [new EpollSelector(), new DefaultSelector()]) {
      keep(watched)
      const outer = keep(new PollSelector())[0]
      watched.register(a, EVENT_READ)
      const key = outer.register(watched.fileno(), EVENT_READ)
      expect(outer.select(0)).toEqual([])
      b.send('x')
      expect(outer.select(1000)).toEqual([[key, EVENT_READ]])
      a.recv(1)
      watched.close()
      expect(() => watched.fileno()).toThrow(LoopError)
    }
    for (const Class of [PollSelector, SelectSelector]) {
      expect(() => keep(new Class())[0].fileno()).toThrow(NotImplementedError)
    }
  })
})
