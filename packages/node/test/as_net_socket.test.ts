// Every scenario runs with a socket of node:net and with ours, and both must see the same.
import { once } from 'node:events'
import { type NetConnectOpts, createConnection as netConnection, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createConnection, LoopSocket } from '../src/index.js'
import { closed, onLoop, readAll, traceOf, withPeer } from './trace.js'

type Open = (options: NetConnectOpts & { port: number }) => Socket

const kinds: [string, Open][] = [
  ['net.Socket', (options) => netConnection({ host: '127.0.0.1', ...options })],
  ['LoopSocket', (options) => createConnection({ host: '127.0.0.1', ...(options as object) })],
]

/** What each kind of socket has seen of a scenario. */
async function both(scenario: (open: Open) => Promise<unknown>): Promise<[unknown, unknown]> {
  const seen: unknown[] = []
  for (const [, open] of kinds) {
    await onLoop(async () => {
      seen.push(await scenario(open))
    })
  }
  return seen as [unknown, unknown]
}

function same(title: string, scenario: (open: Open) => Promise<unknown>, expected?: unknown): void {
  it(title, async () => {
    const [net, loop] = await both(scenario)
    expect(loop).toEqual(net)
    if (expected !== undefined) expect(loop).toEqual(expected)
  })
}

const echo = (socket: Socket) => void socket.pipe(socket)
const large = Buffer.alloc(3_000_000, 'The quick brown fox ')

describe('a socket behaves as one of node:net', () => {
  same(
    'it echoes, ends, and closes',
    async (open) => {
      let text = ''
      let trace: string[] = []
      await withPeer(echo, async (port) => {
        const socket = open({ port })
        trace = traceOf(socket)
        socket.write('before it is connected, ')
        socket.end('and the end')
        const end = closed(socket)
        text = await readAll(socket)
        await end
      })
      return { text, trace }
    },
    { text: 'before it is connected, and the end', trace: ['connect', 'ready', 'finish', 'end', 'close false'] },
  )

  same(
    'the other end ends first, and ours follows',
    async (open) => {
      let trace: string[] = []
      await withPeer(
        (socket) => void socket.end('bye'),
        async (port) => {
          const socket = open({ port })
          trace = traceOf(socket)
          socket.resume()
          await closed(socket)
        },
      )
      return trace.sort()
    },
    ['close false', 'connect', 'end', 'finish', 'ready'],
  )

  same(
    'allowHalfOpen keeps the writing half',
    async (open) => {
      let trace: string[] = []
      await withPeer(
        (socket) => {
          socket.end('question')
          return { answer: readAll(socket) }
        },
        async (port, served) => {
          const socket = open({ port, allowHalfOpen: true })
          trace = traceOf(socket)
          await readAll(socket)
          trace.push(socket.readyState)
          await closed(socket.end('answer'))
          trace.push(await (await served).answer)
        },
      )
      return trace
    },
    ['connect', 'ready', 'end', 'writeOnly', 'finish', 'close false', 'answer'],
  )

  same(
    'a reset is an error',
    async (open) => {
      let trace: string[] = []
      await withPeer(
        (socket) => void socket.once('data', () => socket.resetAndDestroy()),
        async (port) => {
          const socket = open({ port })
          trace = traceOf(socket)
          socket.write('x')
          await closed(socket)
        },
      )
      return trace
    },
    ['connect', 'ready', 'error ECONNRESET', 'close true'],
  )

  same(
    'a refused connection is an error',
    async (open) => {
      let free = 0
      await withPeer(echo, async (port) => {
        free = port
      })
      const socket = open({ port: free })
      const trace = traceOf(socket)
      const state = [socket.readyState, socket.connecting, socket.pending, socket.destroyed]
      socket.write('never')
      await closed(socket)
      return { trace, state, after: [socket.readyState, socket.connecting, socket.pending, socket.destroyed] }
    },
    {
      trace: ['error ECONNREFUSED', 'close true'],
      state: ['opening', true, true, false],
      after: ['closed', false, true, true],
    },
  )

  same('destroy, with an error and without', async (open) => {
    const traces: string[][] = []
    await withPeer(echo, async (port) => {
      for (const error of [undefined, new Error('mine')]) {
        const socket = open({ port })
        traces.push(traceOf(socket))
        await once(socket, 'connect')
        socket.write('x')
        await closed(socket.destroy(error))
      }
    })
    return traces
  })

  same('destroy before it is connected', async (open) => {
    let trace: string[] = []
    await withPeer(echo, async (port) => {
      const socket = open({ port })
      trace = traceOf(socket)
      await closed(socket.destroy())
    })
    return trace
  })

  same('addresses, bytes and states', async (open) => {
    const seen: unknown[] = []
    await withPeer(echo, async (port) => {
      const socket = open({ port })
      const state = () => [
        ...[socket.readyState, socket.connecting, socket.pending, socket.readable, socket.writable],
        ...[
          socket.bytesRead,
          socket.bytesWritten,
          socket.remoteFamily,
          socket.remoteAddress,
          socket.remotePort === port,
        ],
        ...[socket.localAddress, socket.localFamily, typeof socket.localPort, Object.keys(socket.address()).sort()],
      ]
      seen.push(state())
      await once(socket, 'connect')
      seen.push(state())
      socket.write('hello')
      seen.push(socket.bytesWritten)
      await once(socket, 'data')
      seen.push(state())
      socket.end()
      socket.resume()
      await closed(socket)
      seen.push([socket.bytesRead, socket.bytesWritten, socket.readyState, socket.destroyed])
    })
    return seen
  })

  same('much is written, and the writer waits for drain', async (open) => {
    let received = 0
    const seen: unknown[] = []
    await withPeer(
      (socket) => {
        socket.pause()
        setTimeout(() => socket.resume(), 50)
        socket.on('data', (data) => {
          received += data.length
        })
        socket.on('end', () => socket.end())
      },
      async (port) => {
        const socket = open({ port })
        await once(socket, 'connect')
        let count = 0
        while (socket.write(large)) count++
        seen.push(count, socket.writableNeedDrain, socket.bytesWritten)
        await once(socket, 'drain')
        seen.push(socket.writableLength, socket.bufferSize)
        socket.resume()
        socket.end(large)
        await closed(socket)
      },
    )
    return [...seen, received]
  })

  same(
    'nothing is received while nobody reads, and nothing is lost',
    async (open) => {
      let sent = 0
      let total = 0
      await withPeer(
        (socket) => {
          const send = () => {
            while (sent < 100_000_000 && socket.write(large)) sent += large.length
          }
          socket.on('drain', send)
          send()
          socket.once('data', () => socket.end())
        },
        async (port) => {
          const socket = open({ port })
          await once(socket, 'readable')
          // The buffers of the system fill up.
          for (let before = -1; before !== sent; await new Promise((done) => setTimeout(done, 30))) before = sent
          expect(socket.readableLength).toBeLessThanOrEqual(socket.readableHighWaterMark + 65_536)
          expect(sent).toBeLessThan(100_000_000)
          socket.write('stop')
          for await (const data of socket) total += (data as Buffer).length
          expect(total).toBeGreaterThanOrEqual(sent)
          expect(socket.bytesRead).toBe(total)
        },
      )
      return 'ok'
    },
    'ok',
  )

  same(
    'an idle time is told, and forgotten when it is 0',
    async (open) => {
      let trace: string[] = []
      await withPeer(echo, async (port) => {
        const socket = open({ port })
        await once(socket, 'connect')
        trace = traceOf(socket)
        socket.setTimeout(20, () => trace.push('callback'))
        await once(socket, 'timeout')
        trace.push(`${socket.timeout}`)
        socket.setTimeout(0)
        trace.push(`${socket.timeout}`)
        await closed(socket.destroy())
      })
      return trace
    },
    ['timeout', 'callback', '20', '0', 'close false'],
  )

  same('options can be set before and after', async (open) => {
    await withPeer(echo, async (port) => {
      const socket = open({ port })
      const early = [
        socket.setNoDelay(true),
        socket.setKeepAlive(true, 5000),
        socket.ref(),
        socket.unref(),
        socket.ref(),
      ]
      expect(early.every((result) => result === socket)).toBe(true)
      await once(socket, 'connect')
      expect([socket.setNoDelay(false), socket.setKeepAlive(false)]).toEqual([socket, socket])
      await closed(socket.destroy())
    })
    for (const wrong of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5'] as number[]) {
      await withPeer(echo, async (port) => {
        const socket = open({ port })
        await once(socket, 'connect')
        expect(() => socket.setTimeout(wrong)).toThrow(
          expect.objectContaining({ code: expect.stringMatching(/^ERR_/) }),
        )
        socket.destroy()
      })
    }
    return 'ok'
  })

  same(
    'destroySoon sends what was written',
    async (open) => {
      let trace: string[] = []
      await withPeer(
        (socket) => ({ text: readAll(socket) }),
        async (port, served) => {
          const socket = open({ port })
          await once(socket, 'connect')
          trace = traceOf(socket)
          socket.write(large)
          ;(socket as Socket).destroySoon()
          await closed(socket)
          trace.push(`${(await (await served).text).length}`)
        },
      )
      return trace
    },
    ['finish', 'close false', `${large.length}`],
  )

  same(
    'resetAndDestroy resets',
    async (open) => {
      let code: string | undefined
      await withPeer(
        (socket) => ({ other: socket.resume(), end: closed(socket) }),
        async (port, served) => {
          const socket = open({ port })
          await once(socket, 'connect')
          const { other, end } = await served
          socket.resetAndDestroy()
          await closed(socket)
          await end
          code = (other.errored as NodeJS.ErrnoException | null)?.code
        },
      )
      return code
    },
    'ECONNRESET',
  )

  same('what a listener throws is uncaught', async (open) => {
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    const caught = new Promise((resolve) => process.once('uncaughtException', (error) => resolve(error.message)))
    try {
      await withPeer(echo, async (port) => {
        const socket = open({ port })
        socket.once('data', () => {
          throw new Error('in a listener')
        })
        socket.write('x')
        await caught
        expect(socket.destroyed).toBe(false)
        await closed(socket.destroy())
      })
      return await caught
    } finally {
      for (const other of others) process.on('uncaughtException', other)
    }
  })

  same('writing after the end is an error', async (open) => {
    let trace: string[] = []
    await withPeer(echo, async (port) => {
      const socket = open({ port })
      await once(socket, 'connect')
      trace = traceOf(socket)
      socket.end()
      socket.write('late')
      await closed(socket)
    })
    return trace
  })
})

it('is a Duplex, and TypeScript takes it for a net.Socket', async () => {
  await onLoop(() =>
    withPeer(echo, async (port) => {
      const socket: Socket = createConnection({ port, host: '127.0.0.1' })
      expect(socket).toBeInstanceOf(LoopSocket)
      socket.destroy()
    }),
  )
})
