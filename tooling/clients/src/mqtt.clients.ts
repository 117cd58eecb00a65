import { MqttClient } from 'mqtt'
import { expect } from 'vitest'
import { overEach } from './over.js'

overEach('mqtt', 'mosquitto', (test) => {
  test('publishes and subscribes, small and large, at all qualities of service', async (way) => {
    const client = new MqttClient(() => way.socket(), { clientId: `loop-${way.name}`, reconnectPeriod: 0 })
    await new Promise((resolve, reject) => {
      client.once('connect', resolve)
      client.once('error', reject)
    })
    const heard: Buffer[] = []
    let all: () => void
    const everything = new Promise<void>((resolve) => {
      all = resolve
    })
    client.on('message', (_, payload) => {
      if (heard.push(payload) === 30) all()
    })
    await client.subscribeAsync(`news/${way.name}/#`, { qos: 2 })
    const large = Buffer.alloc(200_000, 'The quick brown fox ')
    for (let i = 0; i < 30; i++) {
      const qos = (i % 3) as 0 | 1 | 2
      await client.publishAsync(`news/${way.name}/${i}`, i < 27 ? `${i}` : large, { qos })
    }
    await everything
    expect(heard.filter((payload) => payload.equals(large))).toHaveLength(3)
    await client.endAsync()
  })
})
