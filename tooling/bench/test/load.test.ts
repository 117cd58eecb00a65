import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { loadPort } from '../src/load.js'
import { buildPrograms } from '../src/programs.js'

const CELL = { connections: 4, size: 1000 }
const BRIEF = { seconds: 0.2, warmup: 0.05 }

let program: string
let server: Server | null = null
const sockets = new Set<Socket>()

beforeAll(async () => {
  program = (await buildPrograms()).load
}, 120_000)

afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  if (server === null) return
  server.close()
  await once(server, 'close')
  server = null
})

/** An echo server that hands every chunk, with its place in the connection's stream, to `answer`. */
async function serve(answer: (socket: Socket, chunk: Buffer, position: number) => void): Promise<number> {
  server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    let position = 0
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      answer(socket, chunk, position)
      position += chunk.length
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function loaded(answer: (socket: Socket, chunk: Buffer, position: number) => void) {
  return await loadPort(await serve(answer), 0, CELL, { program, ...BRIEF })
}

it('sees no error in a server that echoes what it was sent', async () => {
  const load = await loaded((socket, chunk) => socket.write(chunk))
  expect(load).toMatchObject({ ...CELL, errors: 0, corruptBytes: 0, unanswered: 0 })
  expect(load.requests).toBeGreaterThan(0)
  expect(load.rate).toBeCloseTo(load.requests / load.seconds, 0)
  expect(load.fewestOnOneConnection).toBeGreaterThan(0)
  expect(load.p50Us).toBeGreaterThan(0)
  expect(load.p99Us).toBeGreaterThanOrEqual(load.p50Us)
})

it('sees one flipped bit among all bytes', async () => {
  let flipped = false
  const load = await loaded((socket, chunk, position) => {
    const wrong = 2500 - position
    if (!flipped && wrong >= 0 && wrong < chunk.length) {
      chunk[wrong]! ^= 1
      flipped = true
    }
    socket.write(chunk)
  })
  expect(flipped).toBe(true)
  expect(load).toMatchObject({ errors: 1, corruptBytes: 1 })
})

it('sees two connections get each other’s bytes', async () => {
  let waiting: [Socket, Buffer] | null = null
  const load = await loaded((socket, chunk) => {
    if (waiting === null || waiting[0] === socket) waiting = [socket, chunk]
    else {
      waiting[0].write(chunk)
      socket.write(waiting[1])
      waiting = null
    }
  })
  expect(load.corruptBytes).toBeGreaterThan(0)
})

it('sees the bytes of the message before', async () => {
  const before = new Map<Socket, Buffer>()
  const load = await loaded((socket, chunk) => {
    socket.write(before.get(socket)?.subarray(0, chunk.length) ?? chunk)
    before.set(socket, chunk)
  })
  expect(load.corruptBytes).toBeGreaterThan(0)
})

it('sees a byte that never comes', async () => {
  const load = await loaded((socket, chunk, position) => socket.write(position === 0 ? chunk.subarray(1) : chunk))
  expect(load.unanswered).toBe(CELL.connections)
  expect(load.errors).toBeGreaterThanOrEqual(CELL.connections)
})

it('sees bytes that nobody sent', async () => {
  const load = await loaded((socket, chunk, position) =>
    socket.write(position === 0 ? Buffer.concat([chunk, Buffer.from('more')]) : chunk),
  )
  expect(load.excessBytes).toBeGreaterThan(0)
})

it('sees a connection that is closed on it', async () => {
  const load = await loaded((socket, chunk, position) => (position === 0 ? socket.write(chunk) : socket.destroy()))
  expect(load.closedEarly).toBe(CELL.connections)
})

it('says so when nobody listens', async () => {
  const port = await serve(() => {})
  server!.close()
  await once(server!, 'close')
  server = null
  await expect(loadPort(port, 0, CELL, { program, ...BRIEF })).resolves.toMatchObject({ connectErrors: 1, requests: 0 })
})
