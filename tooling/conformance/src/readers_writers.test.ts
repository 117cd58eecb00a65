// addReader and addWriter on plain descriptors: sockets, FIFOs, what is no descriptor, and numbers that are reused.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, constants as files, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { newEventLoop, type Socket, socketpair } from '@loop/core'
import { type Ground, withinLoop } from './within_loop.js'

const pair = ({ own }: Ground): [Socket, Socket] => {
  const [a, b] = socketpair()
  return [own(a), own(b)]
}

/** Waits until the loop has polled a few times: what was ready before has been seen. */
async function polls({ loop, own }: Ground, n = 3): Promise<void> {
  for (let i = 0; i < n; i++) {
    const [a, b] = socketpair()
    own(a)
    own(b).send('x')
    const seen = loop.createFuture<void>()
    loop.addReader(a, () => {
      loop.removeReader(a)
      seen.setResult()
    })
    await seen
    a.close()
    b.close()
  }
}

/** Fills the kernel's buffer, so that the socket is not writable. */
function fill(socket: Socket): void {
  const chunk = Buffer.alloc(65536)
  try {
    for (;;) socket.send(chunk)
  } catch (error) {
    assert.equal((error as Error).name, 'BlockingIOError')
  }
}

function drain(socket: Socket): void {
  try {
    while (socket.recv(1 << 20).length > 0);
  } catch (error) {
    assert.equal((error as Error).name, 'BlockingIOError')
  }
}

describe('readers and writers', () => {
  it('[RAW-01] a reader is called again and again while there is something to read', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = pair(ground)
      let calls = 0
      const enough = loop.createFuture<string[]>()
      const args: string[] = []
      loop.addReader(
        a,
        (one: string, two: number) => {
          args.push(`${one}${two}`)
          if (++calls === 3 && !enough.done()) enough.setResult(args)
        },
        'x',
        7,
      )
      await polls(ground)
      assert.equal(calls, 0)
      b.send('data')
      assert.deepEqual((await enough).slice(0, 3), ['x7', 'x7', 'x7'])
      assert.equal(a.recv(100).toString(), 'data')
      calls = 0
      await polls(ground)
      assert.ok(calls <= 1, 'one event may have been collected before the read')
      loop.removeReader(a)
    }))

  it('[RAW-01] a writer is called again and again while there is room, and not while there is none', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = pair(ground)
      let calls = 0
      const enough = loop.createFuture<void>()
      loop.addWriter(a.fileno(), () => {
        if (++calls >= 3 && !enough.done()) enough.setResult()
      })
      await enough
      fill(a)
      await polls(ground)
      calls = 0
      await polls(ground)
      assert.equal(calls, 0)
      const again = loop.createFuture<void>()
      loop.addWriter(a, () => {
        if (!again.done()) again.setResult()
      })
      drain(b)
      await again
      loop.removeWriter(a)
    }))

  it('[RAW-02] adding again replaces the callback, also when its event is already collected', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = pair(ground)
      const called: string[] = []
      const done = loop.createFuture<void>()
      loop.addReader(a, () => called.push('first'))
      loop.addReader(a, () => {
        called.push('second')
        loop.addReader(a, () => {
          called.push('third')
          loop.removeReader(a)
          done.setResult()
        })
      })
      b.send('x')
      await done
      assert.deepEqual(called, ['second', 'third'])
    }))

  it('[RAW-03] reader and writer of one descriptor are independent', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = pair(ground)
      let reads = 0
      let writes = 0
      loop.addReader(a, () => void reads++)
      loop.addWriter(a, () => void writes++)
      await polls(ground)
      assert.equal(reads, 0)
      assert.ok(writes > 0)
      assert.equal(loop.removeWriter(a), true)
      writes = 0
      const read = loop.createFuture<void>()
      loop.addReader(a, () => {
        reads++
        loop.removeReader(a)
        read.setResult()
      })
      b.send('x')
      await read
      assert.deepEqual([reads, writes], [1, 0])
    }))

  it('[RAW-04] remove tells whether there was something to remove', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a] = pair(ground)
      assert.equal(loop.removeReader(a), false)
      assert.equal(loop.removeWriter(a), false)
      loop.addReader(a, () => {})
      assert.equal(loop.removeWriter(a), false)
      assert.equal(loop.removeReader(a), true)
      assert.equal(loop.removeReader(a), false)
      loop.addWriter(a, () => {})
      assert.equal(loop.removeWriter(a), true)
      assert.equal(loop.removeWriter(a), false)
    }))

  it('[RAW-05] a reader removed in the pass in which its event was collected does not run', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const pairs = [pair(ground), pair(ground)]
      const called: number[] = []
      const done = loop.createFuture<void>()
      // Both become readable at once; whichever runs first removes the other.
      pairs.forEach(([a], index) => {
        loop.addReader(a, () => {
          called.push(index)
          for (const [each] of pairs) loop.removeReader(each)
          if (!done.done()) done.setResult()
        })
      })
      for (const [, b] of pairs) b.send('x')
      await done
      await polls(ground)
      assert.equal(called.length, 1)
    }))

  it('[RAW-05] a callback scheduled before the poll takes the reader away in time', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = pair(ground)
      b.send('x')
      loop.addReader(a, () => assert.fail('it was removed'))
      // Stands in the ready queue before what the next poll finds.
      loop.callSoon(() => loop.removeReader(a))
      await polls(ground)
    }))

  it('[RAW-06] numbers, and objects with fileno() or fd, are descriptors', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a] = pair(ground)
      const fd = a.fileno()
      for (const file of [fd, { fileno: () => fd }, { fd }]) {
        loop.addReader(file, () => {})
        assert.equal(loop.removeReader(file), true)
        loop.addWriter(file, () => {})
        assert.equal(loop.removeWriter(file), true)
      }
    }))

  it('[EFTD-04] [RAW-06] what is no open descriptor is refused at the call', () =>
    withinLoop(async ({ loop }) => {
      const nothing = () => {}
      for (const invalid of [-1, 1.5, Number.NaN, 2 ** 40]) {
        assert.throws(() => loop.addReader(invalid, nothing), RangeError)
        assert.throws(() => loop.addWriter(invalid, nothing), RangeError)
        assert.throws(() => loop.removeReader(invalid), RangeError)
        assert.throws(() => loop.removeWriter(invalid), RangeError)
      }
      for (const invalid of ['1', null, undefined, {}, { fileno: () => 'x' }, Symbol('x'), 1n]) {
        assert.throws(() => loop.addReader(invalid as never, nothing), TypeError)
        assert.throws(() => loop.addWriter(invalid as never, nothing), TypeError)
      }
      const [a, b] = socketpair()
      const number = a.fileno()
      a.close()
      assert.throws(() => loop.addReader(a, nothing), RangeError)
      assert.throws(() => loop.addReader(number, nothing), {
        code: process.platform === 'win32' ? 'ENOTSOCK' : 'EBADF',
      })
      assert.throws(() => loop.addReader(b, 'no function' as never), TypeError)
      b.close()
    }))

  it('[LS-34] on a closed loop adding throws and removing gives false', async () => {
    const loop = newEventLoop()
    const [a, b] = socketpair()
    loop.addReader(a, () => {})
    loop.close()
    assert.equal(loop.removeReader(a), false)
    assert.equal(loop.removeWriter(a), false)
    assert.throws(() => loop.addReader(a, () => {}), { code: 'ERR_LOOP_CLOSED' })
    assert.throws(() => loop.addWriter(a, () => {}), { code: 'ERR_LOOP_CLOSED' })
    a.close()
    b.close()
  })

  it('[RAW-07] closing right after a removal is safe, also when the number is reused at once', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      for (let round = 0; round < 200; round++) {
        const [a, b] = socketpair()
        b.send('old')
        loop.addReader(a, () => assert.fail('its descriptor is closed'))
        loop.addWriter(b, () => assert.fail('its descriptor is closed'))
        // The events of this registration are collected by the poll of the pass that runs this callback.
        await new Promise<void>((resolve) =>
          loop.callSoon(() => {
            loop.removeReader(a)
            loop.removeWriter(b)
            a.close()
            b.close()
            resolve()
          }),
        )
        const [c, d] = socketpair()
        const read = loop.createFuture<string>()
        loop.addReader(c, () => {
          loop.removeReader(c)
          read.setResult(c.recv(10).toString())
        })
        d.send('new')
        assert.equal(await read, 'new')
        c.close()
        d.close()
      }
    }))

  it('a FIFO can be watched', { skip: process.platform === 'win32' && 'Windows has no FIFOs' }, () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const folder = mkdtempSync(join(tmpdir(), 'loop-fifo-'))
      try {
        const path = join(folder, 'fifo')
        execFileSync('mkfifo', [path])
        const fd = openSync(path, files.O_RDWR | files.O_NONBLOCK)
        const ready = loop.createFuture<void>()
        loop.addReader(fd, () => {
          loop.removeReader(fd)
          ready.setResult()
        })
        await polls(ground)
        assert.equal(ready.done(), false)
        writeSync(fd, 'x')
        await ready
        closeSync(fd)
      } finally {
        rmSync(folder, { recursive: true })
      }
    }),
  )

  it('a regular file is refused with an explanation: files have no readiness', () =>
    withinLoop(async ({ loop }) => {
      const folder = mkdtempSync(join(tmpdir(), 'loop-file-'))
      writeFileSync(join(folder, 'file'), 'content')
      const fd = openSync(join(folder, 'file'), 'r')
      try {
        const code = process.platform === 'win32' ? 'ENOTSOCK' : 'EPERM'
        assert.throws(() => loop.addReader(fd, () => {}), { code, message: /readiness/ })
      } finally {
        closeSync(fd)
        rmSync(folder, { recursive: true })
      }
    }))
})

describe('waiting for a socket', () => {
  it('[EFTD-01] waiting to read and to write one socket at the same time', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a, b] = pair(ground)
      fill(a)
      const readable = loop.createFuture<void>()
      const writable = loop.createFuture<void>()
      const once = (future: typeof readable, remove: () => void) => () => {
        remove()
        future.setResult()
      }
      loop.addReader(
        a,
        once(readable, () => loop.removeReader(a)),
      )
      loop.addWriter(
        a,
        once(writable, () => loop.removeWriter(a)),
      )
      await polls(ground)
      assert.deepEqual([readable.done(), writable.done()], [false, false])
      b.send('x')
      await readable
      assert.equal(writable.done(), false)
      drain(b)
      await writable
    }))

  it('[EFTD-02] closing a socket that somebody waits for harms nobody else: the wait stays until it is cancelled', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [a] = pair(ground)
      const waiting = loop.createTask(() => loop.sockRecv(a, 10))
      await polls(ground)
      a.close()
      const [c, d] = pair(ground)
      d.send('x')
      assert.equal((await loop.sockRecv(c, 10)).toString(), 'x')
      await polls(ground)
      waiting.cancel()
      await assert.rejects(waiting)
    }))

  it('[EFTD-03] a descriptor closed behind the loop is survived, also when its number is reused', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      for (let round = 0; round < 50; round++) {
        const [a, b] = socketpair()
        loop.addReader(a, () => assert.fail('its descriptor is closed'))
        a.close()
        b.close()
        const [c, d] = socketpair()
        const read = loop.createFuture<void>()
        loop.addReader(c, () => {
          loop.removeReader(c)
          read.setResult()
        })
        d.send('x')
        await read
        loop.removeReader(d)
        c.close()
        d.close()
      }
      const [a, b] = socketpair()
      own(b)
      const fd = a.fileno()
      loop.addReader(fd, () => {})
      a.close()
      assert.equal(loop.removeReader(fd), true)
      await polls(ground)
    }))
})
