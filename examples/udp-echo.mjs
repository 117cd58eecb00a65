// A UDP echo server:  node examples/udp-echo.mjs 8888
//
// `for await` receives datagrams one after another; what comes faster than they are taken waits in a bounded queue, and
// `endpoint.dropped` counts what found no room in it. Try it from another terminal with `nc -u 127.0.0.1 8888`; Ctrl-C (or
// SIGTERM) stops it.
import { openDatagramEndpoint, run } from '@loop/core'

await run(async () => {
  const endpoint = await openDatagramEndpoint({ localAddr: { host: '127.0.0.1', port: Number(process.argv[2] ?? 0) } })
  console.log(`listening ${endpoint.getExtraInfo('sockname').port}`)
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => endpoint.close())

  for await (const [data, sender] of endpoint) endpoint.send(data, sender)

  console.log(`${endpoint.dropped} datagrams dropped`)
})
