// A server that is replaced without losing a connection:  node examples/hand-over.mjs /tmp/hand-over 8888
//
// Started again with the same arguments (a new version, say), it asks the one that runs for its listening socket, by
// descriptor passing. The queue of connections belongs to the socket and not to a process: whoever comes in between waits
// there for an instant. The old process serves those that it has to their end, and ends.
import { constants, getRunningLoop, run, Socket } from '@loop/core'

const [control, port = '0'] = process.argv.slice(2)

/** What is said on the control socket: `socket` with the listening socket beside it, then `yours` back. */
class Successor {
  constructor(loop) {
    this.socket = loop.createFuture()
  }
  descriptorsReceived([fd]) {
    this.socket.setResult(new Socket({ fileno: fd.detach() }))
  }
  connectionMade(transport) {
    this.transport = transport
  }
}

async function listeningSocket(loop) {
  try {
    const [transport, successor] = await loop.createUnixConnection(() => new Successor(loop), { path: control })
    const sock = await successor.socket
    // The old one may stop accepting: from here on nothing can be lost.
    transport.write('yours')
    transport.close()
    return sock
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'ECONNREFUSED') throw error
    const sock = new Socket({ family: constants.AF_INET })
    sock.setsockopt('SOL_SOCKET', 'SO_REUSEADDR', true)
    sock.bind({ host: '127.0.0.1', port: Number(port) })
    return sock
  }
}

class Echo {
  connectionMade(transport) {
    this.transport = transport
    transport.write(`served by ${process.pid}\n`)
  }
  dataReceived(data) {
    this.transport.write(data)
  }
}

await run(async () => {
  const loop = getRunningLoop()
  const server = await loop.createServer(() => new Echo(), { sock: await listeningSocket(loop) })
  const replaced = loop.createFuture()

  const predecessor = () => ({
    connectionMade: (transport) => transport.sendFds('socket', [server.sockets[0]]),
    dataReceived: () => replaced.done() || replaced.setResult(),
  })
  const controlServer = await loop.createUnixServer(predecessor, { path: control })
  console.log(`process ${process.pid} listens on ${server.sockets[0].getsockname().port}`)

  await replaced
  controlServer.close()
  server.close()
  await server.waitClosed()
  console.log(`process ${process.pid} has served its last connection`)
})
