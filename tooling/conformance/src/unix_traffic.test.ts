// What travels over Unix sockets: everything that travels over TCP.
import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { CancelledError, constants, type Server, Socket, sleep } from '@loop/core'
import { Recorder } from './recorder.js'
import { clientContext, megabytes, serverContext } from './tls_pair.js'
import { unixPair, withinFolder } from './unix_pair.js'
import { type Ground, supports } from './within_loop.js'

/** A server at a path, the protocols of its connections in their order, and what ends it. */
async function serverAt({ loop }: Ground, path: string, options: object = {}) {
  const accepted: Recorder[] = []
  const factory = () => {
    const recorder = new Recorder(loop)
    accepted.push(recorder)
    return recorder
  }
  const server: Server = await loop.createUnixServer(factory, { path, ...options })
  const end = async () => {
    server.close()
    server.abortClients()
    await server.waitClosed()
    assert.equal(existsSync(path), false)
  }
  return { accepted, end }
}

/** The protocol at the other end, once it has been told. */
async function madeAt(accepted: readonly Recorder[], index = 0): Promise<Recorder> {
  while (!accepted[index]?.events.includes('made')) await sleep(1)
  return accepted[index]!
}

/** A connection to a server at a path: both protocols. */
async function connected(ground: Ground, path: string) {
  const { accepted, end } = await serverAt(ground, path)
  const [near, client] = await ground.loop.createUnixConnection(() => new Recorder(ground.loop), { path })
  return { near, client, server: await madeAt(accepted), end }
}

describe('traffic over unix sockets', { skip: !supports('unixSockets') && 'this platform has no Unix sockets' }, () => {
  it('megabytes in both directions at once, with the end of each', () =>
    withinFolder(async (folder, ground) => {
      const { near, client, server, end } = await connected(ground, join(folder, 'socket'))
      client.keepOpen = server.keepOpen = true
      for (const transport of [near, server.transport]) {
        transport.write(megabytes)
        transport.writeEof()
      }
      await client.until(() => client.events.includes('eof'))
      await server.until(() => server.events.includes('eof'))
      for (const { chunks } of [client, server]) assert.ok(Buffer.concat(chunks).equals(megabytes))
      near.close()
      server.transport.close()
      assert.deepEqual([await client.ended(), await server.ended()], [null, null])
      await end()
    }))

  it('a peer that does not read holds the writer up, and an abort ends both', () =>
    withinFolder(async (folder, ground) => {
      const { near, client, server, end } = await connected(ground, join(folder, 'socket'))
      server.transport.pauseReading()
      near.write(Buffer.alloc(16 * 1024 * 1024))
      await client.until(() => client.events.includes('pause'))
      assert.ok(near.getWriteBufferSize() > 0)
      near.abort()
      assert.equal(await client.ended(), null)
      server.transport.resumeReading()
      await server.ended()
      await end()
    }))

  it('many clients at once, each with its own answer', () =>
    withinFolder(async (folder, ground) => {
      const { loop } = ground
      const path = join(folder, 'socket')
      const { accepted, end } = await serverAt(ground, path, { backlog: 100 })
      const clients = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const [transport, client] = await loop.createUnixConnection(() => new Recorder(loop), { path })
          transport.write(`${index}.`)
          return client
        }),
      )
      while (accepted.length < 50 || accepted.some(({ text }) => !text.endsWith('.'))) await sleep(1)
      for (const { transport, text } of accepted) transport.write(text.repeat(3))
      for (const [index, client] of clients.entries()) {
        const answer = `${index}.`.repeat(3)
        await client.until(() => client.text.length >= answer.length)
        assert.equal(client.text, answer)
        client.transport.close()
      }
      for (const client of clients) assert.equal(await client.ended(), null)
      await end()
    }))

  it('TLS from the beginning, and started in the middle', () =>
    withinFolder(async (folder, ground) => {
      const { loop } = ground
      const path = join(folder, 'socket')
      const secure = await serverAt(ground, path, { ssl: serverContext })
      const options = { path, ssl: clientContext, serverHostname: 'localhost' }
      const [near, client] = await loop.createUnixConnection(() => new Recorder(loop), options)
      near.write('hello')
      const server = await madeAt(secure.accepted)
      await server.until(() => server.text === 'hello')
      near.close()
      assert.deepEqual([await client.ended(), await server.ended()], [null, null])
      await secure.end()

      const plain = await serverAt(ground, path)
      const [transport, protocol] = await loop.createUnixConnection(() => new Recorder(loop), { path })
      const far = await madeAt(plain.accepted)
      const [upgraded, other] = await Promise.all([
        loop.startTls(transport, protocol, clientContext, { serverHostname: 'localhost' }),
        loop.startTls(far.transport, far, serverContext, { serverSide: true }),
      ])
      upgraded!.write(megabytes)
      await far.until(() => far.received === megabytes.length)
      upgraded!.close()
      assert.deepEqual([await protocol.ended(), await far.ended()], [null, null])
      other!.close()
      await plain.end()
    }))

  it('a file, by the transport and by the socket', () =>
    withinFolder(async (folder, ground) => {
      const { loop } = ground
      const file = join(folder, 'file')
      writeFileSync(file, megabytes)
      const { near, client, server, end } = await connected(ground, join(folder, 'socket'))
      assert.equal(await loop.sendfile(near, file, { offset: 10 }), megabytes.length - 10)
      near.close()
      assert.equal(await client.ended(), null)
      await server.ended()
      assert.ok(Buffer.concat(server.chunks).equals(megabytes.subarray(10)))
      await end()

      const [one, other] = await unixPair(ground, folder)
      const sent = loop.sockSendfile(one, file, { count: 300_000 })
      const received: Buffer[] = []
      for (let size = 0; size < 300_000; size += received.at(-1)!.length)
        received.push(await loop.sockRecv(other, 65_536))
      assert.equal(await sent, 300_000)
      assert.ok(Buffer.concat(received).equals(megabytes.subarray(0, 300_000)))
    }))

  it('the sock* methods, and names at both ends', () =>
    withinFolder(async (folder, ground) => {
      const { loop, own } = ground
      const path = join(folder, 'socket')
      const listening = own(new Socket({ family: constants['AF_UNIX']! }))
      assert.equal(listening.getsockname(), null)
      listening.bind(path)
      assert.equal(listening.getsockname(), path)
      listening.listen(5)
      const near = own(new Socket({ family: constants['AF_UNIX']! }))
      const [[far]] = await Promise.all([loop.sockAccept(listening), loop.sockConnect(near, path)])
      own(far)
      assert.deepEqual([near.getpeername(), near.getsockname()], [path, null])
      assert.deepEqual([far.getpeername(), far.getsockname()], [null, path])
      assert.equal(far.family, constants['AF_UNIX'])
      const copy = own(near.dup())
      await loop.sockSendall(copy, 'hello')
      assert.equal(String(await loop.sockRecv(far, 10)), 'hello')
      near.shutdown(constants['SHUT_WR']!)
      assert.equal((await loop.sockRecv(far, 10)).length, 0)
      await loop.sockSendall(far, 'back')
      assert.equal(String(await loop.sockRecv(near, 10)), 'back')
    }))

  it('an accept and a receive that are cancelled lose nothing', () =>
    withinFolder(async (folder, ground) => {
      const { loop, own } = ground
      const path = join(folder, 'socket')
      const listening = own(new Socket({ family: constants['AF_UNIX']! }))
      listening.bind(path)
      listening.listen(5)
      const abandoned = loop.createTask(() => loop.sockAccept(listening))
      await sleep(5)
      abandoned.cancel()
      await assert.rejects(async () => await abandoned, CancelledError)
      const near = own(new Socket({ family: constants['AF_UNIX']! }))
      const [[far]] = await Promise.all([loop.sockAccept(listening), loop.sockConnect(near, path)])
      own(far)
      const unheard = loop.createTask(() => loop.sockRecv(far, 10))
      await sleep(5)
      unheard.cancel()
      await assert.rejects(async () => await unheard, CancelledError)
      await loop.sockSendall(near, 'kept')
      assert.equal(String(await loop.sockRecv(far, 10)), 'kept')
    }))

  it('connections that are given up while they are made leave nothing, and the server goes on', () =>
    withinFolder(async (folder, ground) => {
      const { loop } = ground
      const path = join(folder, 'socket')
      const { accepted, end } = await serverAt(ground, path, { backlog: 200 })
      for (let round = 0; round < 10; round++) {
        const tasks = Array.from({ length: 10 }, () =>
          loop.createTask(() => loop.createUnixConnection(() => new Recorder(loop), { path })),
        )
        // From before the socket is there until after the connection.
        for (let pass = 0; pass < round; pass++) await sleep(0)
        for (const task of tasks) task.cancel()
        for (const task of tasks) {
          try {
            const [transport] = await task
            transport.abort()
          } catch (error) {
            assert.ok(error instanceof CancelledError, String(error))
          }
        }
      }
      const [transport, client] = await loop.createUnixConnection(() => new Recorder(loop), { path })
      transport.write('still there')
      while (!accepted.some(({ text }) => text === 'still there')) await sleep(1)
      transport.close()
      assert.equal(await client.ended(), null)
      await end()
    }))

  it('an accepted socket as a transport', () =>
    withinFolder(async (folder, ground) => {
      const { loop } = ground
      const [near, far] = await unixPair(ground, folder)
      const [transport, recorder] = await loop.connectAcceptedSocket(() => new Recorder(loop), far)
      await loop.sockSendall(near, 'hello')
      await recorder.until(() => recorder.text === 'hello')
      transport.close()
      assert.equal(await recorder.ended(), null)
      assert.equal((await loop.sockRecv(near, 10)).length, 0)
    }))
})
