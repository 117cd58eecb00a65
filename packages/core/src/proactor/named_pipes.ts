import { inspect } from 'node:util'
import type { PipeOps, ProactorBackend } from '../backend/contract.js'
import { backendOf } from '../backend/load.js'
import { errno } from '../errors/errno.js'
import { NotImplementedError, systemError } from '../errors/index.js'
import { checkFactory } from '../loop/create_connection.js'
import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import { type Abortable, abortable, abortError } from '../tasks/abortable.js'
import { DuplexPipeTransport } from '../transports/duplex_pipe_transport.js'
import type { StreamingProtocol } from '../transports/protocols.js'
import { PipeHandle } from './pipe_handle.js'
import { PipeServer } from './pipe_server.js'

/** Milliseconds between attempts at a pipe no end of which waits; twice as long each time. */
const firstDelay = 1
const longestDelay = 100

/** As `ProactorEventLoop.createPipeConnection`. */
export function createPipeConnection<P extends StreamingProtocol>(
  loop: ProactorEventLoop,
  protocolFactory: () => P,
  address: string,
  options: Abortable = {},
): Promise<[DuplexPipeTransport, P]> {
  const pipes = check(loop, protocolFactory, address)
  return connect(loop, pipes, protocolFactory, address, options)
}

/** As `ProactorEventLoop.startServingPipe`. */
export function startServingPipe(
  loop: ProactorEventLoop,
  protocolFactory: () => StreamingProtocol,
  address: string,
): Promise<[PipeServer]> {
  const pipes = check(loop, protocolFactory, address)
  return serve(loop, pipes, protocolFactory, address)
}

async function serve(
  loop: ProactorEventLoop,
  pipes: PipeOps,
  protocolFactory: () => StreamingProtocol,
  address: string,
): Promise<[PipeServer]> {
  return [new PipeServer(loop, pipes, address, protocolFactory)]
}

async function connect<P extends StreamingProtocol>(
  loop: ProactorEventLoop,
  pipes: PipeOps,
  protocolFactory: () => P,
  address: string,
  options: Abortable,
): Promise<[DuplexPipeTransport, P]> {
  const pipe = await open(loop, pipes, address, options)
  let transport: DuplexPipeTransport | null = null
  try {
    const protocol = protocolFactory()
    const waiter = loop.createFuture<void>()
    transport = new DuplexPipeTransport(loop, pipe, protocol, address, waiter)
    await abortable(waiter, options.signal)
    return [transport, protocol]
  } catch (error) {
    if (transport === null) pipe.close()
    else transport.close()
    throw error
  }
}

/** The system has no operation for it, and nothing that tells when an end waits again. */
async function open(
  loop: ProactorEventLoop,
  pipes: PipeOps,
  address: string,
  { signal }: Abortable,
): Promise<PipeHandle> {
  for (let delay = firstDelay; ; delay = Math.min(2 * delay, longestDelay)) {
    if (signal?.aborted) throw abortError(signal)
    const handle = pipes.openNamedPipe(address)
    if (handle >= 0) return new PipeHandle(pipes, handle)
    if (handle !== -errno.EBUSY) throw systemError(handle, 'CreateFile', { path: address })
    const pause = abortable(loop.createFuture<void>(), signal)
    const timer = loop.callLater(delay, () => {
      if (!pause.done()) pause.setResult()
    })
    try {
      await pause
    } finally {
      timer.cancel()
    }
  }
}

function check(loop: ProactorEventLoop, protocolFactory: unknown, address: unknown): PipeOps {
  loop._mustBeOpen()
  checkFactory(protocolFactory)
  if (typeof address !== 'string') throw new TypeError(`A pipe's name must be a string, not ${inspect(address)}`)
  if (!/^\\\\[.?]\\pipe\\[^\0]+$/i.test(address)) {
    throw new RangeError(
      String.raw`A pipe's name begins with \\.\pipe\ and has more behind it, unlike ${inspect(address)}`,
    )
  }
  const pipes = (backendOf('proactor')?.backend as ProactorBackend | undefined)?.pipes
  if (pipes !== undefined) return pipes
  throw new NotImplementedError('named pipes', loop.backend.name, 'only Windows has them: use Unix sockets')
}
