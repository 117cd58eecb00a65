import { expectTypeOf, test } from 'vitest'
import {
  type Address,
  type AncillaryData,
  constants,
  type FdLike,
  FileDescriptor,
  type GroupOptions,
  type InetAddress,
  type Interface,
  type Message,
  type OptionName,
  type OptionValue,
  type PacketAddress,
  type PeerCredentials,
  type ReceivedAncillaryData,
  type ReceivedDescriptors,
  recvFds,
  Socket,
  type SocketOptions,
  sendFds,
  socketpair,
  type TransportSocket,
  type VsockAddress,
} from '../../src/index.js'

test('addresses', () => {
  expectTypeOf<InetAddress>().toEqualTypeOf<{
    host: string
    port: number
    family?: 'IPv4' | 'IPv6'
    flowinfo?: number
    scopeid?: number
  }>()
  expectTypeOf<VsockAddress>().toEqualTypeOf<{ cid: number; port: number }>()
  expectTypeOf<PacketAddress>().toEqualTypeOf<{
    interface: string | number
    protocol?: number
    pkttype?: number
    hatype?: number
    hwaddr?: Uint8Array
  }>()
  expectTypeOf<Address>().toEqualTypeOf<InetAddress | VsockAddress | PacketAddress | string | Buffer | null>()
})

test('Socket', () => {
  const sock = new Socket({ family: constants['AF_INET'], type: constants['SOCK_STREAM'], proto: 0 })
  expectTypeOf<SocketOptions>().toEqualTypeOf<{
    family?: number | undefined
    type?: number | undefined
    proto?: number | undefined
    fileno?: number | undefined
  }>()
  expectTypeOf(sock.fileno()).toEqualTypeOf<number>()
  expectTypeOf(sock.bind).parameters.toEqualTypeOf<[Address]>()
  expectTypeOf(sock.connect).parameters.toEqualTypeOf<[Address]>()
  expectTypeOf(sock.listen).parameters.toEqualTypeOf<[number?]>()
  expectTypeOf(sock.accept()).toEqualTypeOf<[Socket, Address]>()
  expectTypeOf(sock.recv(1)).toEqualTypeOf<Buffer>()
  expectTypeOf(sock.recvInto(new Uint8Array(1))).toEqualTypeOf<number>()
  expectTypeOf(sock.recvfrom(1)).toEqualTypeOf<[Buffer, Address]>()
  expectTypeOf(sock.recvfromInto(new Uint8Array(1))).toEqualTypeOf<[number, Address]>()
  expectTypeOf(sock.send('text')).toEqualTypeOf<number>()
  expectTypeOf(sock.sendto('text', 'path')).toEqualTypeOf<number>()
  expectTypeOf(sock.recvmsg(1, 1)).toEqualTypeOf<Message>()
  expectTypeOf(sock.sendmsg).parameter(1).toEqualTypeOf<readonly AncillaryData[] | undefined>()
  expectTypeOf<Message['ancillary']>().toEqualTypeOf<ReceivedAncillaryData[]>()
  expectTypeOf<ReceivedAncillaryData>().toEqualTypeOf<{ level: number; type: number; data: Buffer }>()
  expectTypeOf<Message>().toExtend<{ data: Buffer; flags: number; address: Address }>()
  expectTypeOf(sock.getsockopt('SOL_SOCKET', 'SO_RCVBUF')).toEqualTypeOf<number>()
  expectTypeOf(sock.getsockopt('SOL_SOCKET', 'SO_PEERCRED', 12)).toEqualTypeOf<Buffer>()
  expectTypeOf(sock.joinGroup).parameters.toEqualTypeOf<[group: string, options?: GroupOptions]>()
  expectTypeOf(sock.leaveGroup).parameters.toEqualTypeOf<[group: string, options?: GroupOptions]>()
  expectTypeOf(sock.setMulticastInterface).parameters.toEqualTypeOf<[Interface]>()
  expectTypeOf<{ interface: 'eth0'; source: '192.0.2.1' }>().toExtend<GroupOptions>()
  expectTypeOf<Interface>().toEqualTypeOf<string | number>()
  expectTypeOf(sock.setsockopt).parameters.toEqualTypeOf<[OptionName, OptionName, OptionValue]>()
  expectTypeOf<OptionValue>().toEqualTypeOf<number | boolean | Uint8Array>()
  expectTypeOf<OptionName>().toEqualTypeOf<number | string>()
  expectTypeOf(sock.getsockname()).toEqualTypeOf<Address>()
  expectTypeOf(sock.getpeername()).toEqualTypeOf<Address>()
  expectTypeOf(sock.shutdown).parameters.toEqualTypeOf<[number | string]>()
  expectTypeOf(sock.setBlocking).parameters.toEqualTypeOf<[boolean]>()
  expectTypeOf(sock.detach()).toEqualTypeOf<number>()
  expectTypeOf(sock.dup()).toEqualTypeOf<Socket>()
  expectTypeOf(sock).toExtend<Disposable>()
})

test('socketpair', () => {
  expectTypeOf(socketpair()).toEqualTypeOf<[Socket, Socket]>()
  // @ts-expect-error a pair is made, not taken over
  socketpair({ fileno: 3 })
})

test('descriptors of others', () => {
  const [one] = socketpair()
  expectTypeOf(sendFds).toEqualTypeOf<
    (
      sock: Socket,
      buffers: readonly (string | Uint8Array)[],
      fds: readonly FdLike[],
      flags?: number,
      address?: Address,
    ) => number
  >()
  expectTypeOf(recvFds(one, 1, 1)).toEqualTypeOf<ReceivedDescriptors>()
  expectTypeOf<ReceivedDescriptors['fds']>().toEqualTypeOf<FileDescriptor[]>()
  expectTypeOf(new FileDescriptor(3)).toExtend<Disposable>()
  expectTypeOf<FileDescriptor>().toExtend<FdLike>()
  expectTypeOf<FileDescriptor['detach']>().toEqualTypeOf<() => number>()
  expectTypeOf(one.peerCredentials()).toEqualTypeOf<PeerCredentials>()
  expectTypeOf<PeerCredentials>().toEqualTypeOf<{ pid: number; uid: number; gid: number }>()
})

test('constants', () => {
  expectTypeOf(constants).toEqualTypeOf<Readonly<Record<string, number>>>()
})

test('TransportSocket can be asked, not used', () => {
  expectTypeOf<TransportSocket['getsockname']>().toEqualTypeOf<() => Address>()
  expectTypeOf<TransportSocket['getpeername']>().toEqualTypeOf<() => Address>()
  expectTypeOf<TransportSocket['peerCredentials']>().toEqualTypeOf<() => PeerCredentials>()
  expectTypeOf<TransportSocket['dup']>().toEqualTypeOf<() => Socket>()
  expectTypeOf<TransportSocket>().not.toHaveProperty('recv')
  expectTypeOf<TransportSocket>().not.toHaveProperty('close')
})
