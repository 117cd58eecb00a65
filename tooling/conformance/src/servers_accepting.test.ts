// Servers that accept, and what can go wrong with it.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  constants,
  type EventLoop,
  newEventLoop,
  type SelectorEventLoop,
  Socket,
  sleep,
  systemError,
  TransportSocket,
} from '@loop/core'
import { resetOnClose } from './linger.js'
import { passesUntil } from './passes.js'
import { addressOf, Recorder, readAll } from './recorder.js'
import { dial, here, recordingServer } from './recording_server.js'
import { loopKind, openDescriptors, withinLoop } from './within_loop.js'

describe('servers: accepting', () => {
  it(
    '[SERV-14] at most backlog + 1 connections are accepted per event',
    { skip: loopKind() === 'proactor' && 'a proactor accepts when nobody looks' },
    () =>
      withinLoop(async (ground) => {
        const { loop, own } = ground
        const listening = new Socket()
        listening.bind(here)
        const passes: number[] = []
        let pass = 0
        const count = () => {
          pass++
          counter = loop.callSoon(count)
        }
        let counter = loop.callSoon(count)
        const server = await loop.createServer(
          () => {
            passes.push(pass)
            return {}
          },
          { sock: listening, backlog: 2 },
        )
        // More may wait in the kernel than the server was told.
        listening.listen(50)
        const address = addressOf(server)
        const sockets = Array.from({ length: 10 }, () => own(new Socket()))
        // On loopback a connection stands when connect() returns or at once afterwards: ten in one callback meet one event.
        for (const socket of sockets) {
          try {
            socket.connect(address)
          } catch (error) {
            assert.equal((error as NodeJS.ErrnoException).code, 'EINPROGRESS')
          }
        }
        await passesUntil(() => passes.length === 10)
        counter.cancel()
        const perPass = new Map<number, number>()
        for (const each of passes) perPass.set(each, (perPass.get(each) ?? 0) + 1)
        assert.deepEqual([...perPass.values()], [3, 3, 3, 1])
        server.close()
        server.abortClients()
        await server.waitClosed()
      }),
  )

  it('[SERV-15] connections that ended before they were accepted do not disturb the next', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const listening = new Socket()
      listening.bind(here)
      // Linux hands out a connection that was reset and tells when it is read; others, and other errors, tell here.
      const answers = ['ECONNABORTED', 'EPROTO', ...(loop.backend.kind === 'selector' ? ['EINTR'] : [])]
      instrument(loop, listening, (accept) => () => {
        const name = answers.shift()
        return name === undefined ? accept() : -constants[name]!
      })
      const [server, clients] = await recordingServer(loop, { sock: listening })
      const aborted = own(new Socket())
      aborted.setsockopt('SOL_SOCKET', 'SO_LINGER', resetOnClose)
      await loop.sockConnect(aborted, addressOf(server))
      aborted.close()
      const socket = await dial(ground, addressOf(server))
      socket.send('hello')
      await passesUntil(() => clients.some(({ text }) => text === 'hello'))
      server.close()
      server.abortClients()
      await server.waitClosed()
    }))

  for (const name of ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']) {
    it(`[SERV-16] ${name} on accept is reported; after a second without spinning it goes on`, () =>
      withinLoop(async (ground) => {
        const { loop, reports } = ground
        const listening = new Socket()
        listening.bind(here)
        let calls = 0
        let exhausted = true
        let paused = 0
        instrument(loop, listening, (accept) => () => {
          calls++
          if (exhausted) paused = loop.time()
          return exhausted ? -constants[name]! : accept()
        })
        const [server, clients] = await recordingServer(loop, { sock: listening })
        await dial(ground, addressOf(server))
        await passesUntil(() => calls > 0)
        exhausted = false
        assert.equal(calls, 1)
        const [report] = reports.splice(0)
        assert.equal(report?.message, 'socket.accept() out of system resource')
        assert.deepEqual({ ...report?.exception }, { ...systemError(-constants[name]!, 'accept') })
        assert.ok(report?.socket instanceof TransportSocket)
        await sleep(500)
        assert.equal(calls, 1)
        await passesUntil(() => clients.length === 1)
        assert.ok(loop.time() - paused >= 990, `it went on after ${loop.time() - paused} ms`)
        server.close()
        server.abortClients()
        await server.waitClosed()
      }))
  }

  it('[SERV-16] a server that is closed in that second stays closed', () =>
    withinLoop(async (ground) => {
      const { loop, reports } = ground
      const listening = new Socket()
      listening.bind(here)
      instrument(loop, listening, () => () => -constants['EMFILE']!)
      const server = await loop.createServer(() => ({}), { sock: listening })
      await dial(ground, addressOf(server))
      await passesUntil(() => reports.length > 0)
      assert.equal(reports.splice(0).length, 1)
      server.close()
      await sleep(1100)
    }))

  const unseen = loopKind() === 'proactor' && 'a proactor accepts when nobody looks'
  it(
    '[SERV-09] a connection that was accepted in the very turn in which the server closes is served',
    { skip: unseen },
    () =>
      withinLoop(async (ground) => {
        const { loop } = ground
        const listening = new Socket()
        listening.bind(here)
        // The server is closed before the accepted connection has its turn.
        instrument(loop, listening, (accept) => () => {
          const fd = accept()
          if (fd >= 0) loop.callSoon(() => server.close())
          return fd
        })
        const clients: Recorder[] = []
        const factory = () => {
          clients.push(new Recorder(loop))
          return clients.at(-1)!
        }
        const server = await loop.createServer(factory, { sock: listening })
        const socket = await dial(ground, addressOf(server))
        socket.send('served')
        await passesUntil(() => clients[0]?.text === 'served')
        server.closeClients()
        await server.waitClosed()
        assert.equal(clients.length, 1)
        assert.equal(await clients[0]!.ended(), null)
      }),
  )

  it('one that was accepted in the turn in which the loop ends is closed with the loop', async () => {
    const before = openDescriptors()
    const loop = newEventLoop() as SelectorEventLoop
    const listening = new Socket()
    listening.bind(here)
    instrument(loop, listening, (accept) => () => {
      loop.stop()
      return accept()
    })
    const client = new Socket()
    loop.createTask(async () => {
      const server = await loop.createServer(() => assert.fail('the loop has ended'), { sock: listening })
      await loop.sockConnect(client, addressOf(server))
    })
    await loop.runForever()
    loop.close()
    client.close()
    for (let turn = 0; turn < 200 && openDescriptors() > before; turn++) await new Promise((next) => setImmediate(next))
    assert.equal(openDescriptors(), before)
  })

  it('[SERV-17] errors of the protocol factory are reported and do not stop the server', () =>
    withinLoop(async (ground) => {
      const { loop, reports } = ground
      let calls = 0
      const last = new Recorder(loop)
      const results = [
        () => {
          throw new Error('no protocol today')
        },
        () => 'not an object' as never,
        () => last,
      ]
      const server = await loop.createServer(() => results[calls++]!(), here)
      for (let count = 0; count < 2; count++) {
        const refused = await dial(ground, addressOf(server))
        assert.equal((await readAll(loop, refused)).length, 0)
      }
      const [first, second] = reports.splice(0)
      assert.equal(first?.message, 'Error on transport creation for incoming connection')
      assert.equal(first?.exception?.message, 'no protocol today')
      assert.ok(second?.exception instanceof TypeError)
      const socket = await dial(ground, addressOf(server))
      socket.send('works')
      await last.until(() => last.text === 'works')
      socket.close()
      server.close()
      await server.waitClosed()
    }))
})

/** Answers accept(2), or who accepts for the loop, in the place of the system. */
function instrument(loop: EventLoop, socket: Socket, replace: (accept: () => number) => () => number): void {
  const native = (loop as { _proactor?: { _native: NativeAccept } })._proactor?._native
  if (native !== undefined) {
    const original = native.accept
    let given: number[] = []
    const answer = replace(() => original.apply(native, given))
    native.accept = (...args) => {
      given = args
      return answer()
    }
    return
  }
  const ops = (socket as unknown as { _ops: { accept(fd: number): number } })._ops
  const accept = replace(() => ops.accept(socket.fileno()))
  Object.defineProperty(socket, '_ops', { value: Object.create(ops, { accept: { value: accept } }) })
}

interface NativeAccept {
  accept(...args: number[]): number
}
