import { once } from 'node:events'
import http from 'node:http'
import http2 from 'node:http2'
import { createConnection } from '@loop/node'
import { Agent, getGlobalDispatcher, request, setGlobalDispatcher } from 'undici'
import { afterEach, expect, it } from 'vitest'
import { onLoop, overEach, type Way, waysTo } from './over.js'

const large = 'The quick brown fox '.repeat(100_000)
const url = (way: Way, path: string) => `${way.name === 'TLS' ? 'https' : 'http'}://localhost${path}`
const scheme = (way: Way) => (way.name === 'TLS' ? 'https' : 'http')
/** What a client asks for and what this way is for come to the same server. */
const connector = (way: Way) => (_: object, connected: never) => createConnection(way.options, connected)

const before = getGlobalDispatcher()
afterEach(() => setGlobalDispatcher(before))

overEach('node:http', 'nginx', (test) => {
  test('an Agent that keeps connections alive', async (way) => {
    let made = 0
    const make = () => {
      made++
      return way.socket()
    }
    const agent = Object.assign(new http.Agent({ keepAlive: true, maxSockets: 2 }), { createConnection: make })
    const get = async (path: string) => {
      const [response] = (await once(http.get({ host: 'localhost', path, agent }), 'response')) as [
        http.IncomingMessage,
      ]
      response.setEncoding('utf8')
      let text = ''
      for await (const chunk of response) text += chunk
      return text
    }
    const texts = await Promise.all(Array.from({ length: 20 }, (_, i) => get(i % 2 === 0 ? '/hello' : '/large')))
    expect(texts.filter((text) => text === large)).toHaveLength(10)
    expect(texts[0]).toBe(`hello over HTTP/1.1, ${scheme(way)}`)
    expect(made).toBe(2)
    agent.destroy()
  })
})

overEach('undici', 'nginx', (test) => {
  test('requests, pipelined ones, and large ones', async (way) => {
    const dispatcher = new Agent({ connect: connector(way) as never, connections: 2, pipelining: 4 })
    const texts = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const { body } = await request(url(way, i % 2 === 0 ? '/hello' : '/large'), { dispatcher })
        return body.text()
      }),
    )
    expect(texts.filter((text) => text === large)).toHaveLength(10)
    const { statusCode, body } = await request(url(way, '/hello'), { dispatcher, method: 'POST', body: large })
    expect([statusCode, await body.text()]).toEqual([200, `hello over HTTP/1.1, ${scheme(way)}`])
    await dispatcher.close()
  })

  test('the global fetch, through its dispatcher', async (way) => {
    let made = 0
    const connect = (_: object, connected: never) => {
      made++
      return createConnection(way.options, connected)
    }
    const dispatcher = new Agent({ connect: connect as never })
    setGlobalDispatcher(dispatcher)
    const response = await fetch(url(way, '/large'))
    expect(await response.text()).toBe(large)
    expect((await fetch(url(way, '/no-such'))).status).toBe(404)
    expect(made).toBeGreaterThan(0)
    await dispatcher.close()
  })
})

it('a refused connection is the error of the request of undici', () =>
  onLoop(async () => {
    const connect = (_: object, connected: never) => createConnection({ host: '127.0.0.1', port: 1 }, connected)
    const dispatcher = new Agent({ connect: connect as never })
    await expect(request('http://localhost/', { dispatcher })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await dispatcher.close()
  }))

// nginx of Debian 12 speaks HTTP/2 over TLS only.
it('http2 over TLS: streams beside each other', () =>
  onLoop(async () => {
    const { options } = waysTo('nginx').find(({ name }) => name === 'TLS')!
    const socket = createConnection({ ...options, ssl: { ...(options.ssl as object), ALPNProtocols: ['h2'] } })
    await once(socket, 'connect')
    expect(socket.alpnProtocol).toBe('h2')
    const session = http2.connect('https://localhost', { createConnection: () => socket })
    const texts = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const stream = session.request({ ':path': i % 2 === 0 ? '/hello' : '/large' }).setEncoding('utf8')
        let text = ''
        for await (const chunk of stream) text += chunk
        return text
      }),
    )
    expect(texts[0]).toBe('hello over HTTP/2.0, https')
    expect(texts.filter((text) => text === large)).toHaveLength(10)
    session.close()
    await once(session, 'close')
  }))
