import { type AddrInfo, constants, type InetAddress, Socket } from '@loop/core'
import type { Ground } from './within_loop.js'

/** A port of 127.0.0.1 where nobody listens; held, so that nobody else takes it. */
export function deadPort(own: Ground['own']): number {
  const socket = own(new Socket())
  socket.bind({ host: '127.0.0.1', port: 0 })
  return (socket.getsockname() as InetAddress).port
}

/** What a resolver says of an address. */
export function info(host: string, port: number): AddrInfo {
  const family = host.includes(':') ? 'IPv6' : 'IPv4'
  const { SOCK_STREAM, IPPROTO_TCP } = constants
  return { family, type: SOCK_STREAM!, proto: IPPROTO_TCP!, canonname: '', address: { host, port, family } }
}

/** Makes names resolve to what a test wants. */
export function resolveTo(loop: Ground['loop'], names: Record<string, AddrInfo[]>): string[] {
  const asked: string[] = []
  loop.getaddrinfo = async (host) => {
    asked.push(String(host))
    return names[String(host)] ?? []
  }
  return asked
}

/** Notes every socket that an attempt makes; `answer` may end an attempt in the system's place. */
export function watchAttempts(
  loop: Ground['loop'],
  answer: (address: InetAddress, index: number) => Promise<void> | undefined = () => undefined,
): Socket[] {
  const sockets: Socket[] = []
  const connect = loop.sockConnect.bind(loop)
  loop.sockConnect = (socket, address, options) => {
    sockets.push(socket)
    return answer(address as InetAddress, sockets.length - 1) ?? connect(socket, address, options)
  }
  return sockets
}

/** Which of the sockets are open. */
export const opened = (sockets: Socket[]) => sockets.map((socket) => socket.fileno() >= 0)

/** Waits until its task is cancelled or `signal` aborts. */
export async function never(loop: Ground['loop'], signal?: AbortSignal): Promise<void> {
  const future = loop.createFuture<void>()
  signal?.addEventListener('abort', () => future.cancel())
  await future
}
