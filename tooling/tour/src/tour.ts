import { features, getRunningLoop, type InetAddress, startServer } from '@loop/core'
import { SingleBar } from 'cli-progress'
import Table from 'cli-table3'
import { failHalfWay } from './cancellation.js'
import { readFifo, watchFolder } from './descriptors.js'
import { HostWork } from './host.js'
import { fetchOutside, respond } from './http.js'
import { type Exchange, exchange } from './line_clients.js'
import { pingPong } from './ping_clients.js'

const clients = 100
const messages = 200_000
/** Enough to compare; the rounds are interleaved so that both meet the same machine. */
const comparedMessages = 60_000

const rate = (exchanges: Exchange[]) => {
  const rates = exchanges.map((one) => one.messages / one.seconds).sort((a, b) => a - b)
  return rates[rates.length >> 1] as number
}

const heading = (text: string) => console.log(`\n${text}`)

/** About 20 seconds on the machine's own backend; every step checks what it shows. */
export async function tour(): Promise<void> {
  const loop = getRunningLoop()
  const began = performance.now()
  console.log(
    `The ${loop.backend.name} loop of ${loop.backend.package} runs inside Node ${process.version} (driver: ${loop.backend.driver}).`,
  )
  const host = new HostWork()
  await host.start()

  heading(`1. A line server, ${clients} clients, ${messages.toLocaleString('en')} messages, each answer checked`)
  const bar = new SingleBar({
    format: '   {bar} {percentage}% | {value} messages',
    clearOnComplete: false,
    noTTYOutput: false,
  })
  bar.start(messages, 0)
  const main = await exchange('loop', clients, messages, (n) => bar.increment(n))
  bar.stop()
  console.log(`   ${messages.toLocaleString('en')} checked in ${main.seconds.toFixed(1)} s`)

  heading('2. HTTP on streams, fetched from outside')
  {
    await using server = await startServer(respond, { host: '127.0.0.1', port: 0 })
    const { port } = server.sockets[0]!.getsockname() as InetAddress
    const { client, body } = await fetchOutside(`http://127.0.0.1:${port}/hello`)
    console.log(`   ${client} got: ${body.trim()}`)
    if (!body.includes('/hello')) throw new Error(`the HTTP responder sent '${body}'`)
    server.closeClients()
  }

  heading('3. Waiting on any descriptor')
  console.log(`   FIFO: ${await readFifo()}`)
  console.log(`   inotify: ${await watchFolder()}`)

  heading('4. A task group that fails half way')
  for (const line of await failHalfWay()) console.log(`   ${line}`)

  heading(`5. Ours and node:net under the same ${clients} clients, one line at a time, interleaved`)
  const ours: Exchange[] = []
  const nets: Exchange[] = []
  for (let round = 0; round < 3; round++) {
    ours.push(await pingPong('loop', clients, comparedMessages))
    nets.push(await pingPong('net', clients, comparedMessages))
  }
  await host.stop()
  const seconds = (performance.now() - began) / 1000
  console.log(`   meanwhile Node's own: ${host.ticks} timer ticks, ${host.fetches} fetches in ${seconds.toFixed(0)} s`)

  const table = new Table({ head: ['', ''], style: { head: [], border: [] } })
  table.push(
    ['backend', `${loop.backend.name} (${loop.backend.package})`],
    ['driver', loop.backend.driver],
    ['messages/s, our server', Math.round(rate(ours)).toLocaleString('en')],
    ['messages/s, node:net server', Math.round(rate(nets)).toLocaleString('en')],
    [
      'ratio',
      `${(rate(ours) / rate(nets)).toFixed(2)} (the clients take their share of it; npm run bench measures the servers alone)`,
    ],
    ['this platform supports', features.filter((feature) => loop.supports(feature)).join('\n')],
    ['not (yet)', features.filter((feature) => !loop.supports(feature)).join('\n') || 'nothing'],
  )
  console.log(`\n${table}`)
}
