// TLS on the loop's transports, callback style.
//   node loop.mjs PORT      prints "listening PORT"; runs until a signal ends it
import { argv } from 'node:process'
import { getRunningLoop, run } from '@loop/core'
import { cert, key, kinds } from './certificate.mjs'

const piece = Buffer.alloc(64 * 1024, 'download ')

class Echo {
  connectionMade(transport) {
    this.transport = transport
  }
  dataReceived(data) {
    this.transport.write(data)
  }
  pauseWriting() {
    this.transport.pauseReading()
  }
  resumeWriting() {
    this.transport.resumeReading()
  }
}

class Download {
  #writable = true
  connectionMade(transport) {
    this.transport = transport
    this.#send()
  }
  #send() {
    while (this.#writable && !this.transport.isClosing()) this.transport.write(piece)
  }
  pauseWriting() {
    this.#writable = false
  }
  resumeWriting() {
    this.#writable = true
    this.#send()
  }
}

class Upload {
  dataReceived() {}
}

const behaviours = { echo: Echo, download: Download, upload: Upload }

/** What was agreed upon is known when the connection is made. */
class ByKind {
  connectionMade(transport) {
    const protocol = new behaviours[transport.getExtraInfo('sslObject').alpnProtocol]()
    transport.setProtocol(protocol)
    protocol.connectionMade?.(transport)
  }
}

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())

await run(async () => {
  const server = await getRunningLoop().createServer(() => new ByKind(), {
    host: '127.0.0.1',
    port: Number(argv[2] ?? 0),
    backlog: 4096,
    ssl: { cert, key, ALPNProtocols: kinds },
  })
  console.log(`listening ${server.sockets[0].getsockname().port}`)
  await server.serveForever({ signal: stop.signal }).catch((error) => {
    if (!stop.signal.aborted) throw error
    server.abortClients()
  })
})
