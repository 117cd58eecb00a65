// Datagrams over endpoints, for code that awaits.
import { openDatagramEndpoint, run } from '@loop/core'
import { BURST, counted, report, task } from './udp-measure.mjs'

async function send({ port, payloads }) {
  const endpoint = await openDatagramEndpoint({ remoteAddr: { host: '127.0.0.1', port } })
  let next = 0
  do {
    for (let i = 1; i < BURST; i++) {
      endpoint.send(payloads[next])
      if (++next === payloads.length) next = 0
    }
    await endpoint.send(payloads[next])
    if (++next === payloads.length) next = 0
  } while (!counted(BURST))
  report()
  endpoint.close()
}

async function receive() {
  const endpoint = await openDatagramEndpoint({ localAddr: { host: '127.0.0.1', port: 0 } })
  console.log(`listening ${endpoint.getExtraInfo('sockname').port}`)
  for await (const _ of endpoint) if (counted(1)) break
  report()
  endpoint.close()
}

await run(() => (task.mode === 'send' ? send(task) : receive()))
