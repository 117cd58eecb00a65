// A line server in a process of its own: `node line_server.js loop|net`. Prints its port; ends when its input ends.
import { createServer } from 'node:net'
import { getRunningLoop, type InetAddress, type Protocol, run, type Transport } from '@loop/core'
import { answer, LineSplitter } from './line_splitter.js'

class LineProtocol implements Protocol {
  #transport: Transport | null = null
  readonly #lines = new LineSplitter()

  connectionMade(transport: Transport): void {
    this.#transport = transport
  }

  dataReceived(data: Buffer): void {
    this.#transport?.writelines(this.#lines.push(data).map(answer))
  }
}

async function serveOnLoop(): Promise<void> {
  const server = await getRunningLoop().createServer(() => new LineProtocol(), {
    host: '127.0.0.1',
    port: 0,
  })
  await using _ = server
  console.log((server.sockets[0]!.getsockname() as InetAddress).port)
  await new Promise((resolve) => process.stdin.resume().once('end', resolve))
  server.closeClients()
}

function serveOnNet(): void {
  const server = createServer({ noDelay: true }, (socket) => {
    const lines = new LineSplitter()
    socket.on('error', () => socket.destroy())
    socket.on('data', (data: Buffer) => {
      socket.cork()
      for (const line of lines.push(data)) socket.write(answer(line))
      socket.uncork()
    })
  })
  server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port))
  process.stdin.resume().once('end', () => process.exit())
}

if (process.argv[2] === 'net') serveOnNet()
else await run(serveOnLoop)
