import { expectTypeOf, test } from 'vitest'
import {
  type Abortable,
  type Address,
  type ClientConnected,
  type ConnectionOptions,
  type Data,
  openConnection,
  openUnixConnection,
  type Separator,
  type Server,
  type ServerOptions,
  type StreamLimit,
  StreamReader,
  StreamReaderProtocol,
  type StreamServer,
  type StreamWriter,
  startServer,
  startUnixServer,
  type Transport,
  type UnixConnectionOptions,
  type UnixServerOptions,
} from '../../src/index.js'

declare const reader: StreamReader
declare const writer: StreamWriter

test('connections', () => {
  expectTypeOf(openConnection).toEqualTypeOf<
    (options: ConnectionOptions & StreamLimit) => Promise<[StreamReader, StreamWriter]>
  >()
  expectTypeOf(openUnixConnection).toEqualTypeOf<
    (options: UnixConnectionOptions & StreamLimit) => Promise<[StreamReader, StreamWriter]>
  >()
  expectTypeOf<StreamLimit>().toEqualTypeOf<{ limit?: number | undefined }>()
})

test('servers call back, or are iterated', async () => {
  const server = startServer(
    async (from, to) => {
      expectTypeOf(from).toEqualTypeOf<StreamReader>()
      expectTypeOf(to).toEqualTypeOf<StreamWriter>()
    },
    { port: 0, limit: 1024 },
  )
  expectTypeOf(server).toEqualTypeOf<Promise<Server>>()
  expectTypeOf(startServer(null, { port: 0 })).toEqualTypeOf<Promise<StreamServer>>()
  expectTypeOf(startUnixServer(() => {}, { path: 'a' })).toEqualTypeOf<Promise<Server>>()
  expectTypeOf(startUnixServer(null, { path: 'a' })).toEqualTypeOf<Promise<StreamServer>>()
  expectTypeOf(startServer).parameter(1).toEqualTypeOf<ServerOptions & StreamLimit>()
  expectTypeOf(startUnixServer).parameter(1).toEqualTypeOf<UnixServerOptions & StreamLimit>()
  for await (const connection of await startServer(null, {})) {
    expectTypeOf(connection).toEqualTypeOf<[StreamReader, StreamWriter]>()
  }
  expectTypeOf<ClientConnected>().toEqualTypeOf<
    (reader: StreamReader, writer: StreamWriter) => PromiseLike<unknown> | unknown
  >()
  expectTypeOf<StreamServer>().toExtend<Server>()
})

test('StreamReader', async () => {
  expectTypeOf(reader.read()).toEqualTypeOf<Promise<Buffer>>()
  expectTypeOf(reader.read(10, { signal: new AbortController().signal })).toEqualTypeOf<Promise<Buffer>>()
  expectTypeOf(reader.readline()).toEqualTypeOf<Promise<Buffer>>()
  expectTypeOf(reader.readexactly(10)).toEqualTypeOf<Promise<Buffer>>()
  expectTypeOf(reader.readuntil('\n')).toEqualTypeOf<Promise<Buffer>>()
  expectTypeOf(reader.readuntil(['\r\n', Buffer.from('\n')])).toEqualTypeOf<Promise<Buffer>>()
  expectTypeOf<Separator>().toEqualTypeOf<string | Uint8Array>()
  expectTypeOf(reader.atEof()).toEqualTypeOf<boolean>()
  expectTypeOf(reader.exception()).toEqualTypeOf<Error | null>()
  expectTypeOf(reader.feedData).parameters.toEqualTypeOf<[Uint8Array]>()
  expectTypeOf(reader.feedEof()).toBeVoid()
  for await (const line of reader) expectTypeOf(line).toEqualTypeOf<Buffer>()
  expectTypeOf(new StreamReader({ limit: 1 })).toEqualTypeOf<StreamReader>()
  expectTypeOf(new StreamReaderProtocol(reader, null)).toExtend<{ dataReceived(data: Buffer): void }>()
})

test('StreamWriter', async () => {
  expectTypeOf(writer.write).parameters.toEqualTypeOf<[Data]>()
  expectTypeOf(await writer.write('text')).toBeVoid()
  expectTypeOf(await writer.writelines(['a', 'b'])).toBeVoid()
  expectTypeOf(writer.drain).toEqualTypeOf<(options?: Abortable) => Promise<void>>()
  expectTypeOf(writer.waitClosed).toEqualTypeOf<(options?: Abortable) => Promise<void>>()
  expectTypeOf(writer.writeEof()).toBeVoid()
  expectTypeOf(writer.canWriteEof()).toEqualTypeOf<boolean>()
  expectTypeOf(writer.close()).toBeVoid()
  expectTypeOf(writer.isClosing()).toEqualTypeOf<boolean>()
  expectTypeOf(writer.startTls(true)).toEqualTypeOf<Promise<void>>()
  expectTypeOf(writer.getExtraInfo('peername')).toEqualTypeOf<Address | undefined>()
  expectTypeOf(writer.transport).toEqualTypeOf<Transport>()
  expectTypeOf<StreamWriter>().toExtend<AsyncDisposable>()
})
