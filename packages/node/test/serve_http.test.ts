import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type LoopSocket, serveHttp } from '../src/index.js'
import { cert, key } from './certificate.js'
import { onLoop, readAll } from './trace.js'

const local = { host: '127.0.0.1', port: 0 }
const portOf = (server: http.Server) => (server.address() as AddressInfo).port

async function get(options: https.RequestOptions, body?: string): Promise<string> {
  const client = options.protocol === 'https:' ? https : http
  const request = client.request({
    host: 'localhost',
    agent: false,
    method: body ? 'POST' : 'GET',
    ca: cert,
    ...options,
  })
  request.end(body)
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  return readAll(response as never)
}

const hello: http.RequestListener = (request, response) => {
  const { encrypted, remoteFamily } = request.socket as unknown as LoopSocket
  response.end(`${request.method} ${request.url} ${encrypted} ${remoteFamily}`)
}

describe('serveHttp', () => {
  it('gives the connections of the loop to a server of node:http', () =>
    onLoop(async () => {
      const server = http.createServer(hello)
      let told = 0
      server.on('listening', () => told++)
      const serving = await serveHttp(server, local)
      expect([told, server.listening, serving.isServing()]).toEqual([1, true, true])
      expect(server.address()).toEqual({ address: '127.0.0.1', family: 'IPv4', port: expect.any(Number) })
      const port = portOf(server)
      expect(await get({ port, path: '/a' })).toBe('GET /a undefined IPv4')
      expect(await get({ port, path: '/b' }, 'x'.repeat(1_000_000))).toBe('POST /b undefined IPv4')
      server.close()
      server.closeAllConnections()
      await serving.waitClosed()
      expect(server.listening).toBe(false)
      await expect(get({ port })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    }))

  it('with TLS of the loop, for http and for https; and https does its own', () =>
    onLoop(async () => {
      const servers = [
        { server: http.createServer(hello), ssl: { cert, key } },
        { server: https.createServer({ cert, key }, hello), ssl: { cert, key } },
        { server: https.createServer({ cert, key }, hello), ssl: null },
      ]
      for (const { server, ssl } of servers) {
        const serving = await serveHttp(server, { ...local, ssl })
        const text = await get({ protocol: 'https:', port: portOf(server), path: '/s' })
        expect(text).toMatch(/^GET \/s true /)
        server.close()
        server.closeAllConnections()
        await serving.waitClosed()
      }
    }))

  it('on a Unix socket', () =>
    onLoop(async () => {
      const folder = mkdtempSync(join(tmpdir(), 'loop-node-'))
      try {
        const path = join(folder, 'http')
        const server = http.createServer(hello)
        const serving = await serveHttp(server, { path })
        expect(server.address()).toBe(path)
        expect(await get({ socketPath: path, path: '/u' })).toBe('GET /u undefined undefined')
        server.close()
        server.closeAllConnections()
        await serving.waitClosed()
      } finally {
        rmSync(folder, { recursive: true })
      }
    }))

  it('keep-alive, pipelining and a slow client that is timed out', () =>
    onLoop(async () => {
      const server = http.createServer(
        { headersTimeout: 50, requestTimeout: 50, connectionsCheckingInterval: 10 },
        hello,
      )
      const serving = await serveHttp(server, local)
      const { connect } = await import('node:net')
      const client = connect(portOf(server), '127.0.0.1')
      client.write('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\nGET /3 HTTP/1.1\r\nHo')
      const text = await readAll(client)
      expect(text.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 408'])
      server.close()
      server.closeAllConnections()
      await serving.waitClosed()
    }))

  it('upgrades', () =>
    onLoop(async () => {
      const server = http.createServer()
      server.on('upgrade', (_, socket, head) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n')
        socket.write(head)
        socket.pipe(socket)
      })
      const serving = await serveHttp(server, local)
      const request = http.get({ ...local, port: portOf(server), headers: { connection: 'upgrade', upgrade: 'echo' } })
      const [, socket] = (await once(request, 'upgrade')) as [unknown, LoopSocket]
      socket.write('hello')
      expect(`${(await once(socket, 'data'))[0]}`).toBe('hello')
      socket.end()
      server.close()
      await serving.waitClosed()
    }))

  it('HTTP/2 in the clear, both ends ours', () =>
    onLoop(async () => {
      const { createConnection } = await import('../src/index.js')
      const server = http2.createServer((request, response) => void response.end(`${request.method} over 2`))
      const serving = await serveHttp(server as never, local)
      const port = portOf(server as never)
      const session = http2.connect('http://127.0.0.1', {
        createConnection: () => createConnection({ host: '127.0.0.1', port }),
      })
      const stream = session.request({ ':path': '/' })
      expect(await readAll(stream as never)).toBe('GET over 2')
      session.close()
      serving.close()
      await serving.waitClosed()
    }))

  it('refuses what is no server', () =>
    onLoop(async () => {
      await expect(serveHttp({} as never, local)).rejects.toThrow(TypeError)
      await expect(serveHttp(http.createServer(), { host: '127.0.0.1', port: -1 })).rejects.toThrow(RangeError)
    }))
})
