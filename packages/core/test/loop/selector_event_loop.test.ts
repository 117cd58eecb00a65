import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  BaseTransport,
  EpollSelector,
  type ExceptionContext,
  features,
  LoopError,
  NotImplementedError,
  newEventLoop,
  PollSelector,
  SelectorEventLoop,
  SelectSelector,
  type Socket,
  sleep,
  socketpair,
} from '../../src/index.js'

const open: Socket[] = []
let loop: SelectorEventLoop

afterEach(() => {
  vi.unstubAllEnvs()
  for (const socket of open.splice(0)) socket.close()
  loop.close()
})

function pair(): [Socket, Socket] {
  const both = socketpair()
  open.push(...both)
  return both
}

/** A promise and what resolves it, for callbacks. */
function gate(): [Promise<void>, () => void] {
  let pass = () => {}
  const promise = new Promise<void>((resolve) => {
    pass = resolve
  })
  return [promise, pass]
}

describe.each([
  ['epoll on uv', EpollSelector, ''],
  ['epoll on a thread', EpollSelector, 'thread'],
  ['poll on a thread', PollSelector, ''],
  ['select on a thread', SelectSelector, ''],
])('readers and writers: %s', (_name, Class, driver) => {
  beforeEach(() => {
    vi.stubEnv('LOOP_DRIVER', driver)
    loop = new SelectorEventLoop(new Class())
  })

  it('[RAW-01] fire again and again while it is ready', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const [done, finish] = gate()
      const read: string[] = []
      let writable = 0
      loop.addReader(
        a,
        (word: string) => {
          read.push(word + a.recv(1).toString())
          if (read.length === 3) finish()
        },
        'got ',
      )
      loop.addWriter(a, () => {
        if (++writable === 3) loop.removeWriter(a)
      })
      b.send('xyz')
      await done
      expect(read).toEqual(['got x', 'got y', 'got z'])
      while (writable < 3) await sleep(0)
      expect(loop.removeReader(a)).toBe(true)
    }))

  it('[RAW-02] adding again replaces the former callback', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const [done, finish] = gate()
      const calls: string[] = []
      loop.addReader(a, () => calls.push('first'))
      loop.addReader(a, () => {
        calls.push('second')
        loop.removeReader(a)
        finish()
      })
      b.send('x')
      await done
      expect(calls).toEqual(['second'])
    }))

  it('[RAW-03] reader and writer of a descriptor are independent', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const [readable, read] = gate()
      const [writable, wrote] = gate()
      loop.addReader(a, read)
      loop.addWriter(a, wrote)
      await writable
      expect(loop.removeWriter(a)).toBe(true)
      b.send('x')
      await readable
      loop.addWriter(a, () => {})
      expect(loop.removeReader(a)).toBe(true)
      expect(loop.removeWriter(a)).toBe(true)
    }))

  it('[RAW-04] remove tells whether there was something', () => {
    const [a] = pair()
    expect([loop.removeReader(a), loop.removeWriter(a)]).toEqual([false, false])
    loop.addReader(a, () => {})
    expect([loop.removeWriter(a), loop.removeReader(a), loop.removeReader(a)]).toEqual([false, true, false])
  })

  it('[RAW-05] a reader that is removed in the pass in which its event was found does not run', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const [c, d] = pair()
      const [done, finish] = gate()
      const calls: string[] = []
      const take = (own: Socket, other: Socket, name: string) => () => {
        calls.push(name)
        loop.removeReader(own)
        loop.removeReader(other)
        finish()
      }
      loop.addReader(a, take(a, c, 'a'))
      loop.addReader(c, take(c, a, 'c'))
      b.send('x')
      d.send('x')
      await done
      for (let i = 0; i < 3; i++) await sleep(0)
      expect(calls.length).toBe(1)
    }))

  it('[RAW-06] take numbers and objects with fileno or fd, nothing else', () => {
    const [a] = pair()
    loop.addReader(a.fileno(), () => {})
    expect(loop.removeReader({ fd: a.fileno() })).toBe(true)
    loop.addWriter({ fileno: () => a.fileno() }, () => {})
    expect(loop.removeWriter(a)).toBe(true)
    for (const bad of ['a', null, undefined, {}, { fileno: 3 }, true]) {
      expect(() => loop.addReader(bad as never, () => {})).toThrow(TypeError)
      expect(() => loop.removeWriter(bad as never)).toThrow(TypeError)
    }
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 31]) expect(() => loop.addReader(bad, () => {})).toThrow(RangeError)
    expect(() => loop.addReader(a, 'callback' as never)).toThrow(TypeError)
    expect(() => loop.addReader(999_999, () => {})).toThrow(/EBADF|EMFILE/)
    a.close()
    expect(() => loop.addReader(a, () => {})).toThrow(/closed/)
  })

  it('[RAW-07] closing right after removing is safe, also when the number is reused', () =>
    loop.runUntilComplete(async () => {
      for (let i = 0; i < 20; i++) {
        const [a, b] = pair()
        b.send('x')
        loop.addReader(a, () => expect.unreachable('the reader was removed'))
        const number = a.fileno()
        loop.removeReader(a)
        a.close()
        const [c, d] = pair()
        const reused = c.fileno() === number ? c : d
        const [done, finish] = gate()
        loop.addReader(reused, () => {
          loop.removeReader(reused)
          finish()
        })
        await sleep(0)
        ;(reused === c ? d : c).send('y')
        await done
        for (const socket of [b, c, d]) socket.close()
      }
    }))

  it('a descriptor that was closed without being removed does not stand in the way of the next', () =>
    loop.runUntilComplete(async () => {
      const [a] = pair()
      loop.addReader(a, () => {})
      const number = a.fileno()
      a.close()
      const [c, d] = pair()
      const reused = [c, d].find((socket) => socket.fileno() === number)!
      const [done, finish] = gate()
      loop.addReader(reused, () => {
        loop.removeReader(reused)
        finish()
      })
      ;(reused === c ? d : c).send('y')
      await done
    }))

  it('an error of a callback goes to the exception handler, and the loop goes on', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const reports: ExceptionContext[] = []
      loop.setExceptionHandler((_loop, context) => reports.push(context))
      loop.addReader(a, () => {
        loop.removeReader(a)
        throw new Error('in a reader')
      })
      b.send('x')
      while (reports.length === 0) await sleep(0)
      expect(reports[0]!.exception!.message).toBe('in a reader')
    }))

  it('watches a FIFO', () =>
    loop.runUntilComplete(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'loop-'))
      const path = join(folder, 'fifo')
      spawnSync('mkfifo', [path])
      const fd = openSync(path, 'r+')
      try {
        const [done, finish] = gate()
        let writable = false
        loop.addWriter(fd, () => {
          writable = true
          loop.removeWriter(fd)
          finish()
        })
        await done
        expect(writable).toBe(true)
      } finally {
        closeSync(fd)
        rmSync(folder, { recursive: true })
      }
    }))

  it('explains that a regular file has no readiness', () => {
    const folder = mkdtempSync(join(tmpdir(), 'loop-'))
    const fd = openSync(join(folder, 'file'), 'w+')
    try {
      for (const add of ['addReader', 'addWriter'] as const) {
        expect(() => loop[add](fd, () => {})).toThrow(/EPERM.*regular file.*no readiness.*node:fs/)
      }
      expect(loop.removeReader(fd)).toBe(false)
    } finally {
      closeSync(fd)
      rmSync(folder, { recursive: true })
    }
  })

  it('refuses the descriptor of a live transport, also for sock operations', async () => {
    const [a] = pair()
    class Live extends BaseTransport {
      closing = false
      override isClosing(): boolean {
        return this.closing
      }
    }
    const transport = new Live()
    loop._transports.set(a.fileno(), transport)
    expect(() => loop.addReader(a, () => {})).toThrow(LoopError)
    expect(() => loop.removeWriter(a)).toThrow(LoopError)
    await expect(loop.sockRecv(a, 1)).rejects.toMatchObject({ code: 'ERR_LOOP_STATE' })
    transport.closing = true
    loop.addReader(a, () => {})
    loop._transports.clear()
  })
})

describe('SelectorEventLoop', () => {
  beforeEach(() => {
    // Whatever the tests as a whole run on.
    vi.stubEnv('LOOP_DRIVER', '')
    loop = new SelectorEventLoop(new EpollSelector())
  })

  it('is what newEventLoop() makes', () => {
    using other = newEventLoop() as SelectorEventLoop
    expect(other).toBeInstanceOf(SelectorEventLoop)
  })

  it('tells what it runs on', () => {
    expect(loop.backend).toEqual({ name: 'epoll', kind: 'selector', package: '@loop/epoll-linux', driver: 'uv' })
    vi.stubEnv('LOOP_DRIVER', 'thread')
    using other = new SelectorEventLoop(new PollSelector())
    expect(other.backend).toMatchObject({ name: 'poll', driver: 'thread' })
  })

  it('takes nothing else than a selector of ours', () => {
    expect(() => new SelectorEventLoop({} as never)).toThrow(TypeError)
  })

  it('refuses drivers that do not exist, or that the selector cannot have', () => {
    vi.stubEnv('LOOP_DRIVER', 'steam')
    expect(() => new SelectorEventLoop()).toThrow(RangeError)
    vi.stubEnv('LOOP_DRIVER', 'uv')
    expect(() => new SelectorEventLoop(new PollSelector())).toThrow(NotImplementedError)
  })

  it('supports() tells what its mechanism can do', () => {
    for (const feature of features) expect(typeof loop.supports(feature)).toBe('boolean')
    expect(() => loop.supports('teleport' as never)).toThrow(RangeError)
    using select = new SelectorEventLoop(new SelectSelector())
    expect([loop.supports('manyDescriptors'), select.supports('manyDescriptors')]).toEqual([true, false])
  })

  it('close() takes readers away without calling them; methods then say that it is closed', () => {
    const [a, b] = pair()
    b.send('x')
    loop.addReader(a, () => expect.unreachable('the loop is closed'))
    loop.close()
    expect(loop.removeReader(a)).toBe(false)
    expect(() => loop.addReader(a, () => {})).toThrow(expect.objectContaining({ code: 'ERR_LOOP_CLOSED' }))
    expect(a.recv(1).toString()).toBe('x')
  })

  it('close() releases transports and servers, and names them in debug mode', () => {
    const [a, b] = pair()
    const released: string[] = []
    const transport = Object.assign(new (class Wire extends BaseTransport {})(), {
      _release: () => released.push('transport'),
    })
    const server = { close: () => released.push('server') }
    loop._transports.set(a.fileno(), transport)
    loop._servers.add(server as never)
    loop.addReader(b, () => {})
    loop.setDebug(true)
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    loop.close()
    expect(released).toEqual(['server', 'transport'])
    expect(warn.mock.calls[0]![0]).toMatch(new RegExp(`Wire.*descriptor ${b.fileno()}$`, 's'))
    warn.mockRestore()
  })

  it('leaves no descriptor behind', async () => {
    const count = () => readdirSync('/proc/self/fd').length
    const before = count()
    for (const Class of [EpollSelector, PollSelector, SelectSelector]) new SelectorEventLoop(new Class()).close()
    // Descriptors close in later turns of the host: of these loops, and of those before, so there may be fewer then.
    for (let turn = 0; turn < 500 && count() > before; turn++) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(count()).toBeLessThanOrEqual(before)
  })
})
