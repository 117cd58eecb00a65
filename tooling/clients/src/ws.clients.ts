import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection, type ServeHttpOptions, serveHttp } from '@loop/node'
import { describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { onLoop } from './over.js'
import { cert } from './servers/folder.js'

const key = readFileSync(new URL('../../conformance/certificates/localhost.key', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'loop-ws-'))
const ways: [string, ServeHttpOptions, object][] = [
  ['TCP', { host: '127.0.0.1', port: 0 }, {}],
  ['Unix', { path: join(folder, 'ws') }, {}],
  ['TLS', { host: '127.0.0.1', port: 0, ssl: { cert, key } }, { ssl: { ca: cert } }],
]

describe.each(ways)('ws, client and server, over %s', (name, listening, client) => {
  it('messages both ways, small and large, and an orderly end', () =>
    onLoop(async () => {
      const server = http.createServer()
      const sockets = new WebSocketServer({ server, maxPayload: 100_000_000 })
      sockets.on('connection', (socket) => {
        socket.on('message', (data, binary) => socket.send(data, { binary }))
      })
      const serving = await serveHttp(server, listening)
      const address = server.address()
      const where = typeof address === 'string' ? { path: address } : { host: 'localhost', port: address!.port }
      const options = { createConnection: () => createConnection({ ...where, ...client }) }
      const socket = new WebSocket(`ws://localhost/`, options as never)
      await once(socket, 'open')
      const large = Buffer.alloc(5_000_000, 'The quick brown fox ')
      const heard: Buffer[] = []
      const all = new Promise<void>((resolve) =>
        socket.on('message', (data) => {
          if (heard.push(data as Buffer) === 102) resolve()
        }),
      )
      for (let i = 0; i < 100; i++) socket.send(`message ${i}`)
      socket.send(large)
      socket.send('the last')
      await all
      expect(`${heard[99]}`).toBe('message 99')
      expect(heard[100]!.equals(large)).toBe(true)
      socket.close(1000, 'done')
      const [code, reason] = await once(socket, 'close')
      expect([code, `${reason}`]).toEqual([1000, 'done'])
      sockets.close()
      server.close()
      await serving.waitClosed()
      if (name === 'TLS') rmSync(folder, { recursive: true })
    }))
})
