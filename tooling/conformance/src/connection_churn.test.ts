// Connections that come and go leave nothing behind.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type InetAddress, type Protocol, sleep, type Transport } from '@loop/core'
import { settledMemory } from './settled_memory.js'
import { openDescriptors, withinLoop } from './within_loop.js'

/** LOOP_CHURN: how many connections; continuous integration asks for more. */
const total = Number(process.env['LOOP_CHURN'] ?? (process.platform === 'win32' ? 1000 : 5000))
/** What the heap and the tables of the system grow to, before anything is counted. */
const rehearsal = process.platform === 'win32' ? 500 : 2000
/** Milliseconds; under Wine a connection takes two or three, and as much again on a machine that does other things. */
const limit = 30_000 + total * 10
const atOnce = 50
const megabyte = 1024 * 1024

it(`${total} connections opened and closed: descriptors and memory stay flat`, () =>
  withinLoop(async ({ loop }) => {
    let open = 0
    let served = 0
    const server = await loop.createServer(
      () => {
        let transport: Transport
        return {
          connectionMade(made) {
            open++
            transport = made
          },
          dataReceived(data) {
            transport.write(data)
          },
          connectionLost() {
            open--
            served++
          },
        } satisfies Protocol
      },
      // Ports would be used up by connections that linger in TIME_WAIT; the clients reset theirs.
      { host: '127.0.0.1', port: 0, backlog: 200 },
    )
    const { host, port } = server.sockets[0]!.getsockname() as InetAddress
    const linger = new Uint8Array(Int32Array.of(1, 0).buffer)

    const one = async () => {
      const answered = loop.createFuture<void>()
      const ended = loop.createFuture<void>()
      const [transport] = await loop.createConnection(
        () => ({ dataReceived: () => answered.setResult(), connectionLost: () => ended.setResult() }),
        { host, port },
      )
      transport.write('ping')
      await answered
      const socket = transport.getExtraInfo('socket')!
      socket.setsockopt('SOL_SOCKET', 'SO_LINGER', linger)
      transport.close()
      await ended
    }
    const worker = async (count: number) => {
      for (let index = 0; index < count; index++) await one()
    }
    const round = async (count: number) => {
      await Promise.all(Array.from({ length: atOnce }, () => loop.createTask(() => worker(count / atOnce))))
      while (open > 0) await sleep(1)
    }

    await round(rehearsal)
    const memoryBefore = settledMemory()
    const descriptorsBefore = openDescriptors()
    await round(total)
    assert.ok(served >= total)
    assert.ok(openDescriptors() <= descriptorsBefore, `${openDescriptors() - descriptorsBefore} descriptors more`)
    const growth = settledMemory() - memoryBefore
    // 20 bytes a connection would be a leak; a megabyte or two is the collector's freedom.
    const allowed = 3 * megabyte + 20 * total
    assert.ok(growth < allowed, `${(growth / megabyte).toFixed(1)} MiB more`)
    server.close()
    await server.waitClosed()
  }, limit))
