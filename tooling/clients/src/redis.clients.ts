import type { Duplex } from 'node:stream'
import { Redis } from 'ioredis'
import { expect } from 'vitest'
import { overEach, type Way } from './over.js'

/** How ioredis is given its connections. */
function clientOver(way: Way): Redis {
  class Connector {
    #socket: Duplex | null = null
    check(): boolean {
      return true
    }
    disconnect(): void {
      this.#socket?.end()
    }
    async connect(): Promise<Duplex> {
      this.#socket = await way.connected()
      return this.#socket
    }
  }
  return new Redis({ Connector: Connector as never, lazyConnect: true })
}

overEach('ioredis', 'redis', (test) => {
  test('commands, a pipeline, large values', async (way) => {
    const redis = clientOver(way)
    const large = Buffer.alloc(5_000_000, 'The quick brown fox ')
    await redis.set('large', large)
    expect((await redis.getBuffer('large'))?.equals(large)).toBe(true)
    const pipeline = redis.pipeline().del('n')
    for (let i = 0; i < 1000; i++) pipeline.incr('n')
    const results = await pipeline.exec()
    expect(results?.at(-1)).toEqual([null, 1000])
    await expect(redis.call('NOSUCH')).rejects.toThrow(/unknown command/)
    expect(await Promise.all(Array.from({ length: 500 }, (_, i) => redis.echo(`${i}`)))).toHaveLength(500)
    await redis.quit()
  })

  test('publish and subscribe; it connects again when the server ends the connection', async (way) => {
    const [listener, speaker] = [clientOver(way), clientOver(way)]
    const heard = new Promise((resolve) => listener.once('message', (channel, text) => resolve([channel, text])))
    await listener.subscribe('news')
    await speaker.publish('news', 'something happened')
    expect(await heard).toEqual(['news', 'something happened'])
    const id = await speaker.client('ID')
    const again = new Promise((resolve) => speaker.once('ready', resolve))
    const other = clientOver(way)
    await other.client('KILL', 'ID', id)
    await again
    expect(await speaker.client('ID')).toBeGreaterThan(id)
    for (const client of [listener, speaker, other]) client.disconnect()
  })
})
