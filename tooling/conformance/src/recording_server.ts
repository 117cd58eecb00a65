import { constants, type InetAddress, type Server, Socket } from '@loop/core'
import { Recorder } from './recorder.js'
import type { Ground } from './within_loop.js'

export const here = { host: '127.0.0.1', port: 0 }

/** A server whose connections are recorded; on a free port of 127.0.0.1 unless `options` say otherwise. */
export async function recordingServer(loop: Ground['loop'], options: object = {}): Promise<[Server, Recorder[]]> {
  const clients: Recorder[] = []
  const factory = () => {
    const recorder = new Recorder(loop)
    clients.push(recorder)
    return recorder
  }
  return [await loop.createServer(factory, { ...('sock' in options ? {} : here), ...options }), clients]
}

/** A connected plain socket. */
export async function dial({ loop, own }: Ground, address: InetAddress): Promise<Socket> {
  const family = constants[address.host.includes(':') ? 'AF_INET6' : 'AF_INET']!
  const socket = own(new Socket({ family }))
  await loop.sockConnect(socket, address)
  return socket
}
