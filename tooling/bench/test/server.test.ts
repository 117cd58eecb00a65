import { beforeAll, expect, it } from 'vitest'
import { HeldConnections } from '../src/connections.js'
import { loadServer } from '../src/load.js'
import { listPeers, type Peer } from '../src/peers.js'
import { buildPrograms, type Programs } from '../src/programs.js'
import { Server } from '../src/server.js'

let programs: Programs

beforeAll(async () => {
  programs = await buildPrograms()
}, 120_000)

function program(text: string): Peer {
  return { name: 'made up', style: 'protocol', node: true, command: [process.execPath, '-e', text], version: '' }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

it('runs every peer that is here: each echoes without an error and ends on SIGTERM', async () => {
  // Ours have tests of their own; here it is the peers, which nothing else would notice to be broken.
  const peers = listPeers(programs).filter(({ name, command }) => command !== null && !name.startsWith('loop'))
  expect(peers.map(({ name }) => name)).toEqual(expect.arrayContaining(['node-net', 'node-net-for-await', 'c-epoll']))
  for (const peer of peers) {
    const server = await Server.start(peer)
    const { pid } = server
    try {
      for (const size of [64, 1_000_000]) {
        const how = { program: programs.load, seconds: 0.1, warmup: 0 }
        await expect(loadServer(server, { connections: 5, size }, how), peer.name).resolves.toMatchObject({ errors: 0 })
      }
    } finally {
      expect(await server.stop(), `${peer.name} ends on SIGTERM`).toBe(true)
    }
    expect(isAlive(pid)).toBe(false)
  }
}, 60_000)

it('tells why a server did not start', async () => {
  const broken = program('console.error("no such thing"); process.exit(3)')
  await expect(Server.start(broken)).rejects.toThrow(/made up ended with 3 before it listened:\nno such thing/)
  const missing: Peer = { ...broken, command: ['/nonexistent/program'] }
  await expect(Server.start(missing)).rejects.toThrow(/made up/)
  await expect(Server.start({ ...broken, command: null, version: 'not here' })).rejects.toThrow('not here')
})

it('kills a server that goes on after SIGTERM, and says that it had to', async () => {
  const stubborn = program('process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6); console.log("listening 1")')
  const server = await Server.start(stubborn)
  const { pid } = server
  expect(await server.stop()).toBe(false)
  expect(isAlive(pid)).toBe(false)
}, 20_000)

it('throws when a server under load answers wrongly', async () => {
  const wrong = program(`
    const server = require('node:net').createServer((socket) => {
      socket.on('data', (chunk) => { chunk[0] ^= 1; socket.write(chunk) }).on('error', () => {})
    })
    server.listen(0, '127.0.0.1', () => console.log('listening ' + server.address().port))`)
  const server = await Server.start(wrong)
  try {
    const how = { program: programs.load, seconds: 0.1, warmup: 0 }
    await expect(loadServer(server, { connections: 2, size: 64 }, how)).rejects.toThrow(
      /echoed wrongly at 2 x 64 B.*corruptBytes/,
    )
  } finally {
    await server.stop()
  }
})

it('asks the probe inside a server for its memory and its timers', async () => {
  const peer = listPeers(programs).find(({ name }) => name === 'node-net')!
  const server = await Server.start(peer, { probe: true })
  const connections = new HeldConnections(server.port)
  try {
    const empty = await server.ask<{ heap: number }>('memory')
    await connections.add(200)
    expect(connections.open).toBe(200)
    expect((await server.ask<{ heap: number }>('memory')).heap).toBeGreaterThan(empty.heap)
    await server.ask('start timers')
    await connections.add(100)
    let lateness = await server.ask<{ count: number; p50Ms: number; p99Ms: number; maxMs: number }>('stop timers')
    while (lateness.count === 0) {
      await server.ask('start timers')
      await connections.add(100)
      lateness = await server.ask('stop timers')
    }
    expect(lateness.p99Ms).toBeGreaterThanOrEqual(lateness.p50Ms)
    expect(lateness.maxMs).toBeGreaterThanOrEqual(lateness.p99Ms)
  } finally {
    await connections.close()
    await server.stop()
  }
}, 30_000)
