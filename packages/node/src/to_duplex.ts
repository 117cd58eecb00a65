import { LoopSocket, type LoopSocketOptions } from './loop_socket.js'
import { type Connection, take } from './taken.js'

/**
 * A connection of the loop as a `Duplex` that can be given wherever a `net.Socket` is wanted. The connection is the socket's
 * from then on: what had arrived before is kept and read first, and the reader and writer it was made of are not to be used.
 * @param connection a transport, or `[reader, writer]`
 * @throws TypeError, LoopError for a connection that is closing
 */
export function toDuplex(connection: Connection, options?: LoopSocketOptions): LoopSocket {
  const socket = new LoopSocket(options)
  const taken = take(connection, socket._protocol)
  socket._protocol._succeed(taken)
  if (taken.early.length > 0) socket._takeEarly(taken.early)
  socket._attach(taken.transport)
  if (taken.ended) process.nextTick(() => socket._endReceived())
  return socket
}
