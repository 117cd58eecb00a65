// A TCP echo server, callback style:  node examples/echo-protocol.mjs 8888
//
// The loop makes one protocol object for each connection and calls its methods. This is the fastest way to use it.
// Try it from another terminal with `nc 127.0.0.1 8888`; Ctrl-C (or SIGTERM) stops it.
import { getRunningLoop, run } from '@loop/core'

class Echo {
  connectionMade(transport) {
    this.transport = transport
  }
  dataReceived(data) {
    this.transport.write(data)
  }
}

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())

await run(async () => {
  const loop = getRunningLoop()
  const server = await loop.createServer(() => new Echo(), { host: '127.0.0.1', port: Number(process.argv[2] ?? 0) })
  console.log(`listening ${server.sockets[0].getsockname().port}`)

  // Until the signal; then it closes the server and its connections and ends with a CancelledError.
  await server.serveForever({ signal: stop.signal }).catch((error) => {
    if (!stop.signal.aborted) throw error
  })
})
