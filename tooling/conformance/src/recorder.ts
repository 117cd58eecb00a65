import type { EventLoop, Future, InetAddress, Server, Socket, Transport } from '@loop/core'
import { constants, Socket as SocketClass, socketpair } from '@loop/core'

/** A protocol that notes what it is told and lets a test wait for it. */
export class Recorder {
  readonly events: string[] = []
  readonly chunks: Buffer[] = []
  received = 0
  lost: Error | null | undefined = undefined
  declare transport: Transport
  /** What `eofReceived` answers. */
  keepOpen: boolean | undefined = undefined
  readonly #loop: EventLoop
  readonly #waiting: { condition: () => boolean; future: Future<void> }[] = []

  constructor(loop: EventLoop) {
    this.#loop = loop
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('latin1')
  }

  /** Waits until something that this protocol is told makes `condition` true. */
  async until(condition: () => boolean): Promise<void> {
    if (condition()) return
    const future = this.#loop.createFuture<void>()
    this.#waiting.push({ condition, future })
    await future
  }

  /** Waits for connectionLost. */
  async ended(): Promise<Error | null> {
    await this.until(() => this.lost !== undefined)
    return this.lost as Error | null
  }

  connectionMade(transport: Transport): void {
    this.transport = transport
    this.note('made')
  }

  dataReceived(data: Buffer): void {
    this.chunks.push(data)
    this.received += data.length
    this.note('data')
  }

  eofReceived(): boolean | undefined {
    this.note('eof')
    return this.keepOpen
  }

  pauseWriting(): void {
    this.note('pause')
  }

  resumeWriting(): void {
    this.note('resume')
  }

  connectionLost(exc: Error | null): void {
    this.lost = exc
    this.note('lost')
  }

  protected note(event: string): void {
    this.events.push(event)
    for (const { condition, future } of this.#waiting) if (!future.done() && condition()) future.setResult()
  }
}

/** A transport for `protocol` and the plain socket at its other end. */
export async function transportAndPeer<P extends object>(
  loop: EventLoop,
  own: (socket: Socket) => Socket,
  protocol: P,
): Promise<[Transport, Socket]> {
  const [mine, peer] = socketpair()
  own(peer)
  const [transport] = await loop.connectAcceptedSocket(() => protocol as never, mine)
  return [transport, peer]
}

/** Where a server listens, first. */
export function addressOf(server: Server): { host: string; port: number } {
  const { host, port } = server.sockets[0]!.getsockname() as InetAddress
  return { host, port }
}

/** Two ends of a TCP connection. */
export async function tcpPair(loop: EventLoop, own: (socket: Socket) => Socket): Promise<[Socket, Socket]> {
  const listening = own(new SocketClass({ family: constants['AF_INET']! }))
  listening.bind({ host: '127.0.0.1', port: 0 })
  listening.listen(1)
  const client = own(new SocketClass({ family: constants['AF_INET']! }))
  await loop.sockConnect(client, listening.getsockname())
  const [server] = await loop.sockAccept(listening)
  return [own(server), client]
}

/** Reads until the end of the stream. */
export async function readAll(loop: EventLoop, socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (;;) {
    const data = await loop.sockRecv(socket, 65536)
    if (data.length === 0) return Buffer.concat(chunks)
    chunks.push(data)
  }
}

/** Reads exactly `count` bytes. */
export async function readExactly(loop: EventLoop, socket: Socket, count: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let missing = count
  while (missing > 0) {
    const data = await loop.sockRecv(socket, Math.min(missing, 65536))
    if (data.length === 0) throw new Error(`the stream ended ${missing} bytes early`)
    chunks.push(data)
    missing -= data.length
  }
  return Buffer.concat(chunks)
}
