import { inspect } from 'node:util'
import type { PipeOps } from '../backend/contract.js'
import { errno } from '../errors/errno.js'
import { systemError } from '../errors/index.js'
import { checkFactory } from '../loop/create_connection.js'
import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import { type Abortable, abortable, abortError } from '../tasks/abortable.js'
import { DuplexPipeTransport } from '../transports/duplex_pipe_transport.js'
import type { StreamingProtocol } from '../transports/protocols.js'
import { PipeHandle } from './pipe_handle.js'
import { PipeServer } from './pipe_server.js'
import { pipeOps } from './windows_ops.js'

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
  checkFactory(protocolFactory)
  const pipes = check(loop, address)
  return connect(loop, pipes, protocolFactory, address, options)
}

/** As `ProactorEventLoop.startServingPipe`. */
export function startServingPipe(
  loop: ProactorEventLoop,
  protocolFactory: () => StreamingProtocol,
  address: string,
): Promise<[PipeServer]> {
  checkFactory(protocolFactory)
  const pipes = check(loop, address)
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

/**
 * The other end of a pipe that has a name, once somebody waits for it.
 * @throws TypeError, RangeError at the call; later the error of CreateFile
 */
export function openNamedPipe(loop: ProactorEventLoop, address: string, options: Abortable): Promise<PipeHandle> {
  return open(loop, check(loop, address), address, options)
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
    if (handle >= 0) return new PipeHandle(handle)
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

function check(loop: ProactorEventLoop, address: unknown): PipeOps {
  loop._mustBeOpen()
  if (typeof address !== 'string') throw new TypeError(`A pipe's name must be a string, not ${inspect(address)}`)
  if (!/^\\\\[.?]\\pipe\\[^\0]+$/i.test(address)) {
    throw new RangeError(
      String.raw`A pipe's name begins with \\.\pipe\ and has more behind it, unlike ${inspect(address)}`,
    )
  }
  return pipeOps()
}
