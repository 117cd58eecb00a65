import { LoopError, systemError } from '../errors/index.js'
import { constants } from '../sockets/constants.js'
import { bytesOf } from '../sockets/data.js'
import type { FileDescriptor } from '../sockets/file_descriptor.js'
import type { Data } from './transport.js'
import { nothingYet, UnixSocketTransport } from './unix_socket_transport.js'
import { UnixWriteQueue } from './unix_write_queue.js'
import type { Outbox } from './write_queue.js'

const nothing = new Uint8Array(0)
/** What the kernel needs of the send buffer for a message of its own. */
const overhead = 32

/**
 * A connection that keeps the boundaries of messages (SOCK_SEQPACKET): each `write`, and each chunk of `writelines`, is one
 * message, and each `dataReceived` is one. Empty messages cannot be told from the end and are not sent. unix(7).
 */
export class SeqpacketTransport extends UnixSocketTransport {
  /** Each chunk is a message. */
  override writelines(chunks: Iterable<Data>): void {
    const messages = Array.from(chunks, bytesOf)
    this._mustBeWritable('writelines')
    for (const message of messages) this.write(message)
  }

  protected override _newQueue(): Outbox {
    return new UnixWriteQueue(true)
  }

  protected override _enqueue(bytes: Uint8Array, fds?: readonly FileDescriptor[]): void {
    // The system would answer when its turn comes, and then nobody could be told which message it was.
    const room = this._sock.getsockopt('SOL_SOCKET', 'SO_SNDBUF') - overhead
    if (bytes.length > room) throw tooLong(bytes.length)
    super._enqueue(bytes, fds)
  }

  protected override _refused(result: number, length: number): void {
    if (result === -constants['EMSGSIZE']!) throw tooLong(length)
    super._refused(result, length)
  }

  /** Its length is asked for first: a message that is longer than the memory would lose the rest. */
  protected override _receive(): Buffer | number {
    const size = this.#nextSize()
    if (size <= 0) return size
    const memory = Buffer.allocUnsafeSlow(size)
    const count = super._receiveInto(memory)
    return count < 0 ? count : memory
  }

  protected override _receiveInto(buffer: Uint8Array): number {
    const size = this.#nextSize()
    if (size <= buffer.length) return super._receiveInto(buffer)
    const error = new LoopError(`getBuffer() gave ${buffer.length} bytes for a message of ${size}`, 'ERR_LOOP_STATE')
    this._fatalError(error, 'Fatal error: protocol.getBuffer() call failed.')
    return nothingYet()
  }

  #nextSize(): number {
    return this._sock._ops.recv(this._fd, nothing, 0, 0, constants['MSG_PEEK']! | constants['MSG_TRUNC']!)
  }
}

function tooLong(length: number): Error {
  const message = `a message of ${length} bytes is longer than the socket takes: raise its SO_SNDBUF`
  return systemError(-constants['EMSGSIZE']!, 'send', { message })
}
