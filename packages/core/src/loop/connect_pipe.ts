import { constants, open } from 'node:fs'
import { inspect, promisify } from 'node:util'
import { currentBackend } from '../backend/load.js'
import { isSystemError, systemError } from '../errors/index.js'
import type { Future } from '../futures/future.js'
import { openNamedPipe } from '../proactor/named_pipes.js'
import { PipeHandle } from '../proactor/pipe_handle.js'
import { descriptorOf } from '../sockets/descriptor.js'
import { type Abortable, abortable, abortError } from '../tasks/abortable.js'
import { wrapFuture } from '../tasks/ensure_future.js'
import { PipeFile, pipeKindOf } from '../transports/pipe_file.js'
import { ProactorReadPipeTransport } from '../transports/proactor_read_pipe_transport.js'
import { ProactorWritePipeTransport } from '../transports/proactor_write_pipe_transport.js'
import type { BaseProtocol, StreamingProtocol } from '../transports/protocols.js'
import type { ReadPipeTransport } from '../transports/read_pipe_transport.js'
import type { ReadTransport, WriteTransport } from '../transports/transport.js'
import { UnixReadPipeTransport } from '../transports/unix_read_pipe_transport.js'
import { UnixWritePipeTransport } from '../transports/unix_write_pipe_transport.js'
import type { WritePipeTransport } from '../transports/write_pipe_transport.js'
import { checkFactory } from './create_connection.js'
import type { FileLike } from './event_loop.js'
import type { ProactorEventLoop } from './proactor_event_loop.js'
import type { SocketEventLoop } from './socket_event_loop.js'

const openFile = promisify(open)

type PipeTransport = ReadPipeTransport | WritePipeTransport

/** What is different between the two directions. */
interface Direction<T extends PipeTransport> {
  readonly method: string
  readonly flags: number
  make(loop: SocketEventLoop, pipe: PipeFile | PipeHandle, protocol: StreamingProtocol, waiter: Future<void>): T
}

const { O_RDONLY, O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants

const reading: Direction<ReadPipeTransport> = {
  method: 'connectReadPipe',
  flags: O_RDONLY | O_NONBLOCK | O_NOCTTY,
  make: (loop, pipe, protocol, waiter) =>
    pipe instanceof PipeHandle
      ? new ProactorReadPipeTransport(loop as ProactorEventLoop, pipe, protocol, waiter)
      : new UnixReadPipeTransport(loop, pipe, protocol, waiter),
}

const writing: Direction<WritePipeTransport> = {
  method: 'connectWritePipe',
  flags: O_WRONLY | O_NONBLOCK | O_NOCTTY,
  make: (loop, pipe, protocol, waiter) =>
    pipe instanceof PipeHandle
      ? new ProactorWritePipeTransport(loop as ProactorEventLoop, pipe, protocol, waiter)
      : new UnixWritePipeTransport(loop, pipe, protocol, waiter),
}

/**
 * Joins the reading end of a pipe with a protocol. The transport owns what it was given from then on, makes it
 * non-blocking, and closes it; a path is opened first. On Windows: a `PipeHandle`, or the name of a pipe.
 * @throws TypeError, RangeError (a regular file, a directory) at the call; later the error of open(2) or fstat(2)
 *
 * asyncio: `connect_read_pipe`.
 */
export function connectReadPipe<P extends StreamingProtocol<ReadTransport>>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  pipe: FileLike,
  options: Abortable = {},
): Promise<[ReadPipeTransport, P]> {
  return connectPipe(loop, protocolFactory, pipe, options, reading)
}

/** As `connectReadPipe`, for the writing end. asyncio: `connect_write_pipe`. */
export function connectWritePipe<P extends BaseProtocol<WriteTransport>>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  pipe: FileLike,
  options: Abortable = {},
): Promise<[WritePipeTransport, P]> {
  return connectPipe(loop, protocolFactory, pipe, options, writing)
}

function connectPipe<P extends BaseProtocol, T extends PipeTransport>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  file: FileLike,
  options: Abortable,
  direction: Direction<T>,
): Promise<[T, P]> {
  loop._mustBeOpen()
  loop._mustSupport('pipes')
  checkFactory(protocolFactory)
  if (process.platform === 'win32') return connectHandle(loop, protocolFactory, file, options, direction)
  if (typeof file === 'string' || file instanceof URL) {
    return openAndJoin(loop, protocolFactory, file, options, direction)
  }
  const fd = descriptorOf(file)
  loop._mustBeUnowned(fd)
  try {
    const pipe = new PipeFile(loop, file, fd, pipeKindOf(fd, file, direction.method))
    return join(loop, protocolFactory, pipe, options, direction)
  } catch (error) {
    if (isSystemError(error)) return Promise.reject(error)
    throw error
  }
}

/** @throws TypeError for what no operation of a proactor can be done with: handles have to be opened for that */
function connectHandle<P extends BaseProtocol, T extends PipeTransport>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  file: FileLike,
  options: Abortable,
  direction: Direction<T>,
): Promise<[T, P]> {
  if (file instanceof PipeHandle) return join(loop, protocolFactory, file, options, direction)
  if (typeof file !== 'string') {
    throw new TypeError(
      `${direction.method}() takes a PipeHandle or the name of a pipe on Windows, not ${inspect(file)}: ` +
        'descriptors of node:fs are not open for overlapped operation',
    )
  }
  const opening = openNamedPipe(loop as ProactorEventLoop, file, options)
  return opening.then((pipe) => join(loop, protocolFactory, pipe, options, direction))
}

async function openAndJoin<P extends BaseProtocol, T extends PipeTransport>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  path: string | URL,
  options: Abortable,
  direction: Direction<T>,
): Promise<[T, P]> {
  const fd = await openPath(loop, path, direction.flags, options)
  let pipe: PipeFile
  try {
    pipe = new PipeFile(loop, fd, fd, pipeKindOf(fd, path, direction.method))
  } catch (error) {
    currentBackend().sockets.close(fd)
    throw error
  }
  return join(loop, protocolFactory, pipe, options, direction)
}

/** Non-blocking, so that the open of a FIFO does not wait for its other side. */
async function openPath(
  loop: SocketEventLoop,
  path: string | URL,
  flags: number,
  { signal }: Abortable,
): Promise<number> {
  if (signal?.aborted) throw abortError(signal)
  const opening = openFile(path, flags)
  try {
    return await abortable(wrapFuture(opening, { loop }), signal)
  } catch (error) {
    // Nobody is left to own what a cancelled open still gives.
    opening.then(
      (fd) => currentBackend().sockets.close(fd),
      () => {},
    )
    throw isSystemError(error) && error.code === 'ENXIO' ? noReader(error.errno, path) : error
  }
}

function noReader(result: number, path: string | URL): Error {
  return systemError(result, 'open', {
    path: String(path),
    message: 'no process has this FIFO open for reading: open the reading end first',
  })
}

/** From here on the pipe is the library's: it is closed if this fails or is cancelled. */
async function join<P extends BaseProtocol, T extends PipeTransport>(
  loop: SocketEventLoop,
  protocolFactory: () => P,
  pipe: PipeFile | PipeHandle,
  { signal }: Abortable,
  { make }: Direction<T>,
): Promise<[T, P]> {
  let transport: T | null = null
  try {
    if (signal?.aborted) throw abortError(signal)
    const protocol = protocolFactory()
    const waiter = loop.createFuture<void>()
    transport = make(loop, pipe, protocol as StreamingProtocol, waiter)
    await abortable(waiter, signal)
    return [transport, protocol]
  } catch (error) {
    if (transport === null) pipe.close()
    else transport.close()
    throw error
  }
}
