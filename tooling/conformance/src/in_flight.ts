// A program, or a worker, with everything in flight that a loop can have; the argument says how it ends.
import { parentPort } from 'node:worker_threads'
import { type InetAddress, type SelectorEventLoop, Socket, socketpair, type Transport } from '@loop/core'
import { newLoop } from './within_loop.js'

const how = process.argv[2]
const loop = newLoop() as SelectorEventLoop

async function begin(): Promise<void> {
  const echo = () => {
    let transport: Transport
    return {
      connectionMade: (made: Transport) => void (transport = made),
      dataReceived: (data: Buffer) => transport.write(data),
    }
  }
  const server = await loop.createServer(echo, { host: '127.0.0.1', port: 0 })
  const address = server.sockets[0]!.getsockname() as InetAddress
  // A read on both sides, and writes that nobody takes.
  const [transport] = await loop.createConnection(() => ({}), { host: address.host, port: address.port })
  transport.pauseReading()
  transport.write(Buffer.alloc(4_000_000))
  const [mine, peer] = socketpair()
  const watched = socketpair()
  loop.addReader(watched[0], () => {})
  loop.addWriter(watched[1], () => {})
  const listening = new Socket()
  listening.bind({ host: '127.0.0.1', port: 0 })
  listening.listen()
  const connecting = new Socket()
  // Nobody awaits these: they are in flight when it ends.
  for (const pending of [
    loop.sockRecv(mine, 10),
    loop.sockSendall(peer, Buffer.alloc(8_000_000)),
    loop.sockAccept(listening),
    loop.sockConnect(connecting, address),
  ])
    pending.catch(() => {})
}

const keepRunning = () => {
  parentPort?.postMessage('in flight')
  if (how === 'exit') process.exit(7)
  if (how === 'throw')
    setImmediate(() => {
      throw new Error('on purpose')
    })
  if (how === 'close') loop.stop()
}

loop.callLater(20, keepRunning)
loop.createTask(begin)
await loop.runForever()
loop.close()
