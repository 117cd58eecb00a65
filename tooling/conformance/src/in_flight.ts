// A program, or a worker, with everything in flight that a loop can have; the argument says how it ends.
import { parentPort, threadId } from 'node:worker_threads'
import {
  type BaseTransport,
  type InetAddress,
  type ProactorEventLoop,
  type SelectorEventLoop,
  Socket,
  socketpair,
  type Transport,
} from '@loop/core'
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
  if (loop.supports('subprocess')) await beginChild()
  if (loop.supports('namedPipes')) await beginPipes(loop as unknown as ProactorEventLoop)
}

/** One that waits for input, and ends when there is nobody left to write it. */
async function beginChild(): Promise<void> {
  await loop.subprocessShell(() => ({}), process.platform === 'win32' ? 'set /p line=' : 'read line')
}

/** A server that waits for a client, and both ends of a connection with reads and writes that nobody takes. */
async function beginPipes(loop: ProactorEventLoop): Promise<void> {
  const address = `\\\\.\\pipe\\loop-in-flight-${process.pid}-${threadId}`
  const deaf = { connectionMade: (transport: BaseTransport) => (transport as Transport).pauseReading() }
  await loop.startServingPipe(() => deaf, address)
  const [transport] = await loop.createPipeConnection(() => ({}), address)
  transport.write(Buffer.alloc(4_000_000))
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

loop.createTask(async () => {
  await begin()
  // Passes in which the operations begin.
  loop.callLater(20, keepRunning)
})
await loop.runForever()
loop.close()
