import {
  getRunningLoop,
  type Protocol,
  type StreamReader,
  type StreamWriter,
  startServer,
  type Transport,
} from '@loop/core'
import { respond } from './http.js'

class Echo implements Protocol {
  static connections = 0
  static bytes = 0
  #transport: Transport | null = null

  connectionMade(transport: Transport): void {
    Echo.connections++
    this.#transport = transport
  }

  dataReceived(data: Buffer): void {
    Echo.bytes += data.length
    this.#transport?.write(data)
  }
}

/** An HTTP server at `port` and an echo server at the next one, until the task is cancelled (Ctrl-C). */
export async function serve(port: number): Promise<void> {
  let requests = 0
  const counted = (reader: StreamReader, writer: StreamWriter) => {
    requests++
    return respond(reader, writer).catch((error: Error) => {
      // A client that hangs up between requests is no error.
      if (error.name !== 'IncompleteReadError') throw error
    })
  }
  await using http = await startServer(counted, { host: '127.0.0.1', port })
  await using echo = await getRunningLoop().createServer(() => new Echo(), { host: '127.0.0.1', port: port + 1 })
  console.log(`HTTP at ${port}: try  curl http://127.0.0.1:${port}/hello`)
  console.log(`Echo at ${port + 1}: try  nc 127.0.0.1 ${port + 1}   and type a line`)
  console.log('Ctrl-C ends it.')
  try {
    await http.serveForever()
  } finally {
    http.closeClients()
    echo.closeClients()
    console.log(
      `\nServed ${requests} HTTP connections, ${Echo.connections} echo connections, ${Echo.bytes} bytes echoed. Closed cleanly.`,
    )
  }
}
