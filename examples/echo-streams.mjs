// A TCP echo server, streams style:  node examples/echo-streams.mjs 8888
//
// Each connection is served by a task of its own: an async function that reads and writes in order, and waits where it
// must. Try it from another terminal with `nc 127.0.0.1 8888`; Ctrl-C (or SIGTERM) stops it.
import { run, startServer } from '@loop/core'

async function echo(reader, writer) {
  try {
    for (;;) {
      const data = await reader.read(65536)
      if (data.length === 0) break // the peer has ended
      await writer.write(data) // waits while a slow peer's buffer is full
    }
  } catch (error) {
    // A peer that goes away in the middle (ECONNRESET, EPIPE) is an everyday thing.
    if (error.syscall === undefined) throw error
  } finally {
    writer.close()
  }
}

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())

await run(async () => {
  const server = await startServer(echo, { host: '127.0.0.1', port: Number(process.argv[2] ?? 0) })
  console.log(`listening ${server.sockets[0].getsockname().port}`)

  // Until the signal; then it closes the server and its connections and ends with a CancelledError.
  await server.serveForever({ signal: stop.signal }).catch((error) => {
    if (!stop.signal.aborted) throw error
  })
})
