// Datagrams over the loop's transports.
import { getRunningLoop, run, sleep } from '@loop/core'
import { BURST, counted, report, task } from './udp-measure.mjs'

async function send({ port, payloads }) {
  const remoteAddr = { host: '127.0.0.1', port }
  const [transport] = await getRunningLoop().createDatagramEndpoint(() => ({}), { remoteAddr })
  let next = 0
  do {
    for (let i = 0; i < BURST; i++) {
      transport.sendto(payloads[next])
      if (++next === payloads.length) next = 0
    }
    await sleep(0)
  } while (!counted(BURST))
  report()
  transport.close()
}

async function receive() {
  const loop = getRunningLoop()
  const over = loop.createFuture()
  const protocol = {
    datagramReceived() {
      if (counted(1) && !over.done()) over.setResult()
    },
  }
  const localAddr = { host: '127.0.0.1', port: 0 }
  const [transport] = await loop.createDatagramEndpoint(() => protocol, { localAddr })
  console.log(`listening ${transport.getExtraInfo('sockname').port}`)
  await over
  report()
  transport.close()
}

await run(() => (task.mode === 'send' ? send(task) : receive()))
