// Servers that close, and what becomes of their connections.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sleep, type TransportSocket } from '@loop/core'
import { passesUntil } from './passes.js'
import { addressOf, type Recorder, readAll } from './recorder.js'
import { dial, here, recordingServer } from './recording_server.js'
import { withinLoop } from './within_loop.js'

describe('servers: ending', () => {
  it('[SERV-09] close stops accepting; connections stay', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [server, clients] = await recordingServer(loop)
      const address = addressOf(server)
      const socket = await dial(ground, address)
      await passesUntil(() => clients.length === 1 && clients[0]!.events.length === 1)
      server.close()
      server.close()
      await assert.rejects(dial(ground, address), { code: 'ECONNREFUSED' })
      const [client] = clients as [Recorder]
      socket.send('still')
      await client.until(() => client.text === 'still')
      client.transport.write('here')
      assert.equal((await loop.sockRecv(socket, 10)).toString(), 'here')
      client.transport.close()
      await server.waitClosed()
      assert.equal(client.lost, null)
    }))

  it('[SERV-10] waitClosed waits for close and for every connection', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [server, clients] = await recordingServer(loop)
      const waiting = loop.createTask(() => server.waitClosed())
      const socket = await dial(ground, addressOf(server))
      await passesUntil(() => clients.length === 1)
      assert.equal(waiting.done(), false)
      server.close()
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.equal(waiting.done(), false)
      const second = loop.createTask(() => server.waitClosed())
      socket.close()
      await waiting
      await second
      await server.waitClosed()
      assert.equal(clients[0]!.lost, null)
    }))

  it('[SERV-10] waitClosed of an open server without connections waits for close', () =>
    withinLoop(async ({ loop }) => {
      const [server] = await recordingServer(loop)
      const waiting = loop.createTask(() => server.waitClosed())
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.equal(waiting.done(), false)
      server.close()
      await waiting
    }))

  it('[SERV-11] close and the last disconnect in the same pass', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const [server, clients] = await recordingServer(loop)
      await dial(ground, addressOf(server))
      await passesUntil(() => clients[0]?.events.length === 1)
      const waiting = loop.createTask(() => server.waitClosed())
      await sleep(0)
      loop.callSoon(() => server.close())
      loop.callSoon(() => clients[0]!.transport.abort())
      await waiting
    }))

  it('[SERV-12] closeClients flushes and closes every connection', () =>
    withinLoop(async (ground) => {
      const [server, clients] = await recordingServer(ground.loop)
      const sockets = [await dial(ground, addressOf(server)), await dial(ground, addressOf(server))]
      await passesUntil(() => clients.length === 2 && clients.every(({ events }) => events.length > 0))
      const data = Buffer.alloc(4_000_000, 'x')
      clients[0]!.transport.write(data)
      server.close()
      server.closeClients()
      const received = await Promise.all(sockets.map((socket) => readAll(ground.loop, socket)))
      assert.deepEqual(
        received.map(({ length }) => length),
        [data.length, 0],
      )
      await server.waitClosed()
      assert.deepEqual(
        clients.map(({ lost }) => lost),
        [null, null],
      )
    }))

  it('[SERV-13] abortClients ends connections with full buffers and peers that do not read', () =>
    withinLoop(async (ground) => {
      const [server, clients] = await recordingServer(ground.loop)
      const socket = await dial(ground, addressOf(server))
      await passesUntil(() => clients[0]?.events.length === 1)
      const { transport } = clients[0]!
      transport.write(Buffer.alloc(20_000_000))
      transport.pauseReading()
      server.close()
      server.closeClients()
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.ok(transport.getWriteBufferSize() > 0)
      server.abortClients()
      await server.waitClosed()
      assert.equal(clients[0]!.lost, null)
      socket.close()
    }))

  it('disposing a server closes it and waits', () =>
    withinLoop(async ({ loop }) => {
      let sockets: unknown
      {
        await using server = await loop.createServer(() => ({}), here)
        sockets = server.sockets
        assert.equal(server.isServing(), true)
      }
      assert.equal((sockets as TransportSocket[])[0]?.fileno(), -1)
    }))

  it('a server that is still open when the loop closes gives its sockets back', () =>
    withinLoop(async (ground) => {
      const [server, clients] = await recordingServer(ground.loop)
      await dial(ground, addressOf(server))
      await passesUntil(() => clients[0]?.events.length === 1)
      void ground.loop.createTask(() => server.serveForever())
      await sleep(0)
    }))
})
