import {
  type Address,
  constants,
  type DatagramEndpointOptions,
  type DatagramTransport,
  type EventLoop,
  type InetAddress,
  type PacketInfo,
  Socket,
  type SystemError,
} from '@loop/core'
import { Recorder } from './recorder.js'

/** A datagram protocol that notes what it is told and lets a test wait for it. */
export class DatagramRecorder extends Recorder {
  readonly datagrams: string[] = []
  readonly senders: Address[] = []
  readonly infos: (PacketInfo | undefined)[] = []
  readonly errors: SystemError[] = []

  datagramReceived(data: Buffer, addr: Address, info?: PacketInfo): void {
    this.datagrams.push(data.toString('latin1'))
    this.senders.push(addr)
    this.infos.push(info)
    this.note('datagram')
  }

  errorReceived(exc: Error): void {
    this.errors.push(exc as SystemError)
    this.note('error')
  }

  get endpoint(): DatagramTransport {
    return this.transport as unknown as DatagramTransport
  }

  /** Waits until `count` datagrams have come. */
  async arrived(count: number): Promise<string[]> {
    await this.until(() => this.datagrams.length >= count)
    return this.datagrams
  }

  /** Closes the endpoint and waits for connectionLost. */
  async close(): Promise<void> {
    this.transport.close()
    await this.ended()
  }
}

export const loopback: InetAddress = { host: '127.0.0.1', port: 0 }

/** An endpoint on loopback, unless `options` say otherwise. */
export async function endpoint(
  loop: EventLoop,
  options: DatagramEndpointOptions = { localAddr: loopback },
): Promise<DatagramRecorder> {
  const recorder = new DatagramRecorder(loop)
  await loop.createDatagramEndpoint(() => recorder, options)
  return recorder
}

export function nameOf(recorder: DatagramRecorder): InetAddress {
  return recorder.transport.getExtraInfo('sockname') as InetAddress
}

/** A plain datagram socket on loopback. */
export function plainSocket(own: (socket: Socket) => Socket, address: Address = loopback): Socket {
  const family = typeof address === 'string' ? constants['AF_UNIX']! : constants['AF_INET']!
  const socket = own(new Socket({ family, type: constants['SOCK_DGRAM']! }))
  socket.bind(address)
  return socket
}

/**
 * Where nobody listens. Below the ports that systems hand out by themselves, or else the very socket that is to find nobody
 * there, or one of another test, could be given it.
 */
export function closedPort(): InetAddress {
  for (let tries = 0; ; tries++) {
    const name: InetAddress = { ...loopback, port: 10_000 + Math.floor(Math.random() * 20_000), family: 'IPv4' }
    const socket = new Socket({ type: constants['SOCK_DGRAM']! })
    try {
      socket.bind(name)
      return name
    } catch (error) {
      if (tries === 100) throw error
    } finally {
      socket.close()
    }
  }
}

export async function receive(loop: EventLoop, socket: Socket): Promise<string> {
  return (await loop.sockRecvfrom(socket, 65536))[0].toString('latin1')
}
