// A TCP echo server that receives into memory of its own:  node examples/echo-buffered.mjs 8888
//
// Where much arrives, the memory that the loop makes for it is a fifth of what a message costs. A protocol with `getBuffer`
// says itself where it goes. Try it from another terminal with `nc 127.0.0.1 8888`; Ctrl-C (or SIGTERM) stops it.
import { getRunningLoop, run } from '@loop/core'

// One for all connections: what is in it is passed on before anything else can arrive, and `write` keeps a copy of what
// the system does not take at once. A protocol that puts messages together needs memory for each connection.
const received = Buffer.allocUnsafeSlow(64 * 1024)

class Echo {
  connectionMade(transport) {
    this.transport = transport
  }
  getBuffer() {
    return received
  }
  bufferUpdated(count) {
    this.transport.write(received.subarray(0, count))
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
