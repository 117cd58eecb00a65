import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connect, createConnection } from '../src/index.js'
import { cert, key } from './certificate.js'
import { closed, onLoop, traceOf, withPeer } from './trace.js'

const listening = async (server: http.Server) => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

describe('connect', () => {
  it('gives a socket that is connected, or rejects', () =>
    onLoop(() =>
      withPeer(
        (socket) => void socket.end(),
        async (port) => {
          const socket = await connect({ host: '127.0.0.1', port, noDelay: true, keepAlive: true, timeout: 60_000 })
          expect([socket.readyState, socket.timeout]).toEqual(['open', 60_000])
          await closed(socket.resume())
          await expect(connect({ host: '127.0.0.1', port: 1 })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
        },
      ),
    ))

  it('a signal, and destroy, end the attempt', () =>
    onLoop(async () => {
      // Nobody accepts here, and the queue is full: the attempt would wait.
      const server = createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 })
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const ending = new AbortController()
      ending.abort()
      await expect(connect({ host: '127.0.0.1', port, signal: ending.signal })).rejects.toMatchObject({
        code: 'ABORT_ERR',
      })
      const socket = createConnection({ host: '127.0.0.1', port })
      const trace = traceOf(socket)
      const end = closed(socket)
      socket.destroy(new Error('enough'))
      await end
      expect(trace).toEqual(['error enough', 'close true'])
      server.close()
    }))

  it('wrong options throw at the call', () =>
    onLoop(async () => {
      expect(() => createConnection({ host: '127.0.0.1', port: -1 })).toThrow(RangeError)
      expect(() => connect({ host: '127.0.0.1', port: 1, serverHostname: 'x' })).toThrow(RangeError)
      expect(() => connect({ host: 5 as never, port: 1 })).toThrow(TypeError)
    }))

  it('binds to the local address that it is given', () =>
    onLoop(() =>
      withPeer(
        (socket) => void socket.end(String(socket.remoteAddress)),
        async (port) => {
          const socket = await connect({ hostname: '127.0.0.1', port, localAddress: '127.0.0.2', family: 4 })
          expect(socket.localAddress).toBe('127.0.0.2')
          expect(`${(await once(socket, 'data'))[0]}`).toBe('127.0.0.2')
          await closed(socket.resume())
        },
      ),
    ))

  it('tells a connector callback once, of the connection or of the error', () =>
    onLoop(() =>
      withPeer(
        (socket) => void socket.end(),
        async (port) => {
          const told: unknown[] = []
          const good = createConnection({ host: '127.0.0.1', port }, (error, socket) => told.push(error, socket))
          await closed(good.resume())
          expect(told).toEqual([null, good])
          const bad = createConnection({ host: '127.0.0.1', port: 1 }, (...args) => told.push(args))
          await closed(bad)
          expect(told[2]).toEqual([expect.objectContaining({ code: 'ECONNREFUSED' })])
          expect(told).toHaveLength(3)
        },
      ),
    ))
})

describe("Node's own clients", () => {
  it('http.Agent keeps our connections alive and uses them again', () =>
    onLoop(async () => {
      const ports = new Set<number>()
      const server = http.createServer((request, response) => {
        ports.add(request.socket.remotePort!)
        request.pipe(response)
      })
      const port = await listening(server)
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      Object.assign(agent, { createConnection })
      for (const text of ['first', 'second', 'x'.repeat(1_000_000)]) {
        const request = http.request({ host: '127.0.0.1', port, agent, method: 'POST' })
        request.end(text)
        const [response] = (await once(request, 'response')) as [http.IncomingMessage]
        expect(await new Response(response as never).text()).toBe(text)
      }
      expect(ports.size).toBe(1)
      agent.destroy()
      server.close()
      await once(server, 'close')
    }))

  it('https.Agent over our TLS', () =>
    onLoop(async () => {
      const server = https.createServer({ cert, key }, (_, response) => void response.end('secret'))
      const port = await listening(server)
      const agent = new https.Agent()
      const make = (options: object) => createConnection({ ...options, ssl: { ca: cert } })
      Object.assign(agent, { createConnection: make })
      const request = https.get({ host: 'localhost', port, agent })
      const [response] = (await once(request, 'response')) as [http.IncomingMessage]
      expect(await new Response(response as never).text()).toBe('secret')
      expect((response.socket as { authorized?: boolean }).authorized).toBe(true)
      server.close()
    }))
})
