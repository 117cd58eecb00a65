import { expectTypeOf, test } from 'vitest'
import type {
  AbstractServer,
  Address,
  BaseProtocol,
  BaseTransport,
  BufferedProtocol,
  Data,
  DatagramEndpoint,
  DatagramEndpointOptions,
  DatagramProtocol,
  DatagramTransport,
  EventLoop,
  ExtraInfo,
  FdLike,
  FileDescriptor,
  PacketInfo,
  Protocol,
  ReadTransport,
  ReceivedDatagram,
  ReceiveQueue,
  Server,
  StreamingProtocol,
  SubprocessProtocol,
  SubprocessTransport,
  TlsContext,
  Transport,
  TransportSocket,
  WriteBufferLimits,
  WriteTransport,
} from '../../src/index.js'
import { type FlowControlledTransport, openDatagramEndpoint } from '../../src/index.js'

declare const loop: EventLoop
declare const transport: Transport

test('a protocol written as an object literal needs no annotations', () => {
  loop.createServer(
    () => ({
      connectionMade(made) {
        expectTypeOf(made).toEqualTypeOf<Transport>()
      },
      dataReceived(data) {
        expectTypeOf(data).toEqualTypeOf<Buffer>()
      },
      eofReceived() {
        return true
      },
      connectionLost(error) {
        expectTypeOf(error).toEqualTypeOf<Error | null>()
      },
      pauseWriting() {},
      resumeWriting() {},
    }),
    { port: 0 },
  )
  loop.createConnection(
    () => ({
      getBuffer(sizeHint) {
        expectTypeOf(sizeHint).toEqualTypeOf<number>()
        return new Uint8Array(16)
      },
      bufferUpdated(n) {
        expectTypeOf(n).toEqualTypeOf<number>()
      },
    }),
    { port: 0 },
  )
  loop.connectReadPipe(
    () => ({
      connectionMade(made) {
        expectTypeOf(made).toEqualTypeOf<ReadTransport>()
      },
      dataReceived(data) {
        expectTypeOf(data).toEqualTypeOf<Buffer>()
      },
    }),
    0,
  )
  loop.connectWritePipe(
    () => ({
      connectionMade(made) {
        expectTypeOf(made).toEqualTypeOf<WriteTransport>()
      },
    }),
    1,
  )
  loop.createDatagramEndpoint(
    () => ({
      connectionMade(made) {
        expectTypeOf(made).toEqualTypeOf<DatagramTransport>()
      },
      datagramReceived(data, address, info) {
        expectTypeOf(data).toEqualTypeOf<Buffer>()
        expectTypeOf(address).toEqualTypeOf<Address>()
        expectTypeOf(info).toEqualTypeOf<PacketInfo | undefined>()
      },
      errorReceived(error) {
        expectTypeOf(error).toEqualTypeOf<Error>()
      },
    }),
    {},
  )
  loop.subprocessExec(
    () => ({
      connectionMade(made) {
        expectTypeOf(made).toEqualTypeOf<SubprocessTransport>()
      },
      pipeDataReceived(fd, data) {
        expectTypeOf(fd).toEqualTypeOf<number>()
        expectTypeOf(data).toEqualTypeOf<Buffer>()
      },
      pipeConnectionLost(_fd, error) {
        expectTypeOf(error).toEqualTypeOf<Error | null>()
      },
      processExited() {},
    }),
    ['true'],
  )
})

test('datagram endpoints', async () => {
  const endpoint = await openDatagramEndpoint({
    localAddr: { host: '', port: 0 },
    queueSize: 10,
  } satisfies ReceiveQueue & DatagramEndpointOptions)
  expectTypeOf(endpoint).toEqualTypeOf<DatagramEndpoint>()
  expectTypeOf(endpoint).toExtend<AsyncIterable<ReceivedDatagram>>()
  expectTypeOf(endpoint).toExtend<AsyncDisposable>()
  expectTypeOf(endpoint.receive()).resolves.toEqualTypeOf<[data: Buffer, addr: Address, info?: PacketInfo]>()
  expectTypeOf(endpoint.send('x')).toEqualTypeOf<PromiseLike<void>>()
  expectTypeOf(endpoint.dropped).toEqualTypeOf<number>()
  expectTypeOf(endpoint.transport).toEqualTypeOf<DatagramTransport>()
  expectTypeOf(
    loop.createDatagramEndpoint(() => ({}), { localAddr: '/run/socket', packetInfo: true }),
  ).resolves.toExtend<[DatagramTransport, DatagramProtocol]>()
  expectTypeOf<{
    remoteAddr: { host: string; port: number }
    allowBroadcast: true
  }>().toExtend<DatagramEndpointOptions>()
  // @ts-expect-error removed from Python too
  loop.createDatagramEndpoint(() => ({}), { reuseAddress: true })
  expectTypeOf<PacketInfo['timestamp']>().toEqualTypeOf<number | undefined>()
})

test('every method of a protocol is optional', () => {
  expectTypeOf<Record<string, never>>().toExtend<Protocol>()
  expectTypeOf<Protocol>().toExtend<BaseProtocol>()
  expectTypeOf<DatagramProtocol>().toExtend<BaseProtocol>()
  expectTypeOf<Protocol>().toExtend<StreamingProtocol<ReadTransport>>()
  expectTypeOf<Protocol>().toExtend<BaseProtocol<WriteTransport>>()
  expectTypeOf<SubprocessProtocol>().toExtend<BaseProtocol>()
  expectTypeOf<StreamingProtocol>().toEqualTypeOf<Protocol | BufferedProtocol>()
  expectTypeOf<keyof Protocol>().toEqualTypeOf<
    | 'connectionMade'
    | 'connectionLost'
    | 'pauseWriting'
    | 'resumeWriting'
    | 'dataReceived'
    | 'descriptorsReceived'
    | 'eofReceived'
  >()
  expectTypeOf<NonNullable<Protocol['descriptorsReceived']>>().toEqualTypeOf<(fds: FileDescriptor[]) => void>()
  expectTypeOf<Transport['sendFds']>().toEqualTypeOf<(data: string | Uint8Array, fds: readonly FdLike[]) => void>()
  expectTypeOf<BufferedProtocol['getBuffer']>().toEqualTypeOf<(sizeHint: number) => Uint8Array>()
  // @ts-expect-error somewhere to put the bytes, but nobody to be told
  const half: BufferedProtocol = { getBuffer: () => new Uint8Array(1) }
  half.getBuffer(1)
})

test('a class implements them', () => {
  class Chat implements Protocol {
    connectionMade(made: Transport): void {
      made.write('hello')
    }
    dataReceived(_data: Buffer): void {}
  }
  expectTypeOf<Chat>().toExtend<StreamingProtocol>()
})

test('transports', () => {
  expectTypeOf<Transport>().toExtend<ReadTransport>()
  expectTypeOf<Transport>().toExtend<WriteTransport>()
  expectTypeOf<DatagramTransport>().toExtend<WriteTransport>()
  expectTypeOf<DatagramTransport>().toExtend<ReadTransport>()
  expectTypeOf<SubprocessTransport>().toExtend<BaseTransport>()
  expectTypeOf<BaseTransport>().toExtend<Disposable>()
  expectTypeOf(transport.write).parameters.toEqualTypeOf<[Data]>()
  expectTypeOf<Data>().toEqualTypeOf<Uint8Array | string>()
  expectTypeOf(transport.writelines(['a', Buffer.from('b')])).toBeVoid()
  expectTypeOf(transport.writeEof()).toBeVoid()
  expectTypeOf(transport.canWriteEof()).toEqualTypeOf<boolean>()
  expectTypeOf(transport.getWriteBufferSize()).toEqualTypeOf<number>()
  expectTypeOf(transport.getWriteBufferLimits()).toEqualTypeOf<WriteBufferLimits>()
  expectTypeOf<WriteBufferLimits>().toEqualTypeOf<{ high: number; low: number }>()
  transport.setWriteBufferLimits({ high: 1 })
  expectTypeOf(transport.getExtraInfo('peername')).toEqualTypeOf<Address | undefined>()
  expectTypeOf(transport.getExtraInfo('socket')).toEqualTypeOf<TransportSocket | undefined>()
  expectTypeOf(transport.getExtraInfo('sslcontext')).toEqualTypeOf<TlsContext | undefined>()
  expectTypeOf(transport.getExtraInfo('of my own', 42)).toBeAny()
  expectTypeOf<keyof ExtraInfo>().toExtend<string>()
  expectTypeOf<'cipher' | 'peercert' | 'sslObject' | 'compression' | 'pipe' | 'subprocess'>().toExtend<
    keyof ExtraInfo
  >()
  expectTypeOf(transport.isReading()).toEqualTypeOf<boolean>()
  expectTypeOf(transport.pauseReading()).toBeVoid()
  expectTypeOf(transport.resumeReading()).toBeVoid()
  expectTypeOf(transport.isClosing()).toEqualTypeOf<boolean>()
  expectTypeOf(transport.close()).toBeVoid()
  expectTypeOf(transport.abort()).toBeVoid()
  expectTypeOf(transport.getProtocol()).toEqualTypeOf<BaseProtocol>()
  expectTypeOf(transport.setProtocol).parameters.toEqualTypeOf<[BaseProtocol]>()
  expectTypeOf<DatagramTransport['sendto']>().parameters.toEqualTypeOf<[Data, Address?]>()
  expectTypeOf<SubprocessTransport['getPid']>().returns.toEqualTypeOf<number>()
  expectTypeOf<SubprocessTransport['getReturncode']>().returns.toEqualTypeOf<number | null>()
  expectTypeOf<SubprocessTransport['getPipeTransport']>().returns.toEqualTypeOf<BaseTransport | null>()
  expectTypeOf<SubprocessTransport['sendSignal']>().parameters.toEqualTypeOf<[NodeJS.Signals | number]>()
})

test('servers', () => {
  expectTypeOf<Server>().toExtend<AbstractServer>()
  expectTypeOf<AbstractServer>().toExtend<Server>()
  expectTypeOf<Server>().toExtend<AsyncDisposable>()
  expectTypeOf<Server['sockets']>().toEqualTypeOf<TransportSocket[]>()
  expectTypeOf<Server['close']>().toEqualTypeOf<() => void>()
  expectTypeOf<Server['closeClients']>().toEqualTypeOf<() => void>()
  expectTypeOf<Server['abortClients']>().toEqualTypeOf<() => void>()
  expectTypeOf<Server['isServing']>().toEqualTypeOf<() => boolean>()
  expectTypeOf<Server['getLoop']>().toEqualTypeOf<() => EventLoop>()
  expectTypeOf<Server['startServing']>().returns.toEqualTypeOf<Promise<void>>()
  expectTypeOf<Server['serveForever']>().toBeCallableWith({ signal: new AbortController().signal })
  expectTypeOf<Server['waitClosed']>().toBeCallableWith({ signal: new AbortController().signal })
})

test("a transport of one's own extends FlowControlledTransport", () => {
  expectTypeOf<FlowControlledTransport>().toExtend<Transport>()
  expectTypeOf<FlowControlledTransport['setWriteBufferLimits']>().parameters.toEqualTypeOf<
    [limits?: Partial<WriteBufferLimits>]
  >()
})
