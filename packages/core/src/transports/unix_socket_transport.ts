import type { ReceivedMessage } from '../backend/contract.js'
import { isSystemError, systemError } from '../errors/index.js'
import type { FdLike } from '../loop/event_loop.js'
import { constants } from '../sockets/constants.js'
import { bytesOf } from '../sockets/data.js'
import type { FileDescriptor } from '../sockets/file_descriptor.js'
import type { PeerCredentials } from '../sockets/peer_credentials.js'
import { received } from '../sockets/received.js'
import { checkedDescriptors, closeAll, descriptorsOf, duplicates, mostDescriptors, roomFor } from '../sockets/rights.js'
import { isTransient } from './errno.js'
import { StreamSocketTransport } from './stream_socket_transport.js'
import type { Data } from './transport.js'
import { sendBeside, UnixWriteQueue } from './unix_write_queue.js'
import type { Outbox } from './write_queue.js'

/** What one read takes at most. */
const mostBytes = 64 * 1024

/** A stream over a Unix socket, along which descriptors travel both ways. */
export class UnixSocketTransport extends StreamSocketTransport {
  #peer: PeerCredentials | undefined
  /** With descriptors in it that are nobody's yet. */
  #arrived: ReceivedMessage | null = null

  /** As other transports, and `'peercred'`: the `PeerCredentials` of the other end, if asked for while it is connected. */
  override getExtraInfo(name: string, fallback?: unknown): any {
    if (name !== 'peercred') return super.getExtraInfo(name, fallback)
    try {
      this.#peer ??= this._sock.peerCredentials()
    } catch (error) {
      if (!isSystemError(error)) throw error
    }
    return this.#peer ?? fallback
  }

  override sendFds(data: Data, fds: readonly FdLike[]): void {
    const bytes = bytesOf(data)
    const numbers = checkedDescriptors(fds)
    this._mustBeWritable('sendFds')
    if (numbers.length === 0) return this.write(bytes)
    if (bytes.length === 0) throw new RangeError('Descriptors travel beside at least one byte of data')
    if (this._connLost !== 0) return this._tooLate()
    let sent = 0
    if (this.getWriteBufferSize() === 0) {
      sent = sendBeside(this._sock._ops, this._fd, [bytes], numbers)
      if (sent === bytes.length) return
      if (sent < 0) {
        // What is wrong with the arguments does not end the connection.
        if (isAboutDescriptors(sent)) throw systemError(sent, 'sendmsg', { message: 'the system does not pass these' })
        if (!isTransient(sent)) return this._refused(sent, bytes.length)
        sent = 0
      }
    }
    // What left took the descriptors along; what waits needs copies, for the caller may close its own.
    const copies = sent > 0 ? [] : duplicates(this._sock._ops, numbers)
    this._enqueue(Buffer.from(bytes.subarray(sent)), copies)
    this._maybePauseProtocol()
  }

  protected override _newQueue(): Outbox {
    return new UnixWriteQueue(false)
  }

  protected override _receive(): Buffer | number {
    if (this._protocol.descriptorsReceived === undefined) return super._receive()
    const data = received(mostBytes, (memory) => this.#receiveBeside(memory))
    if (!this.#deliver()) return nothingYet()
    return typeof data === 'number' || data.length > 0 ? data : 0
  }

  protected override _receiveInto(buffer: Uint8Array): number {
    if (this._protocol.descriptorsReceived === undefined) return super._receiveInto(buffer)
    const count = this.#receiveBeside(buffer)
    return this.#deliver() ? count : nothingYet()
  }

  #receiveBeside(memory: Uint8Array): number {
    const message = this._sock._ops.recvmsg(this._fd, [memory], roomFor(mostDescriptors), 0)
    if (typeof message === 'number') return message
    this.#arrived = message
    return message.bytes
  }

  /** Hands over the descriptors that came, before the bytes; false if the bytes shall not follow. */
  #deliver(): boolean {
    const message = this.#arrived
    this.#arrived = null
    if (message === null) return true
    const fds = descriptorsOf(message)
    if (!this.#complete(message, fds)) return false
    if (fds.length === 0) return true
    try {
      this._protocol.descriptorsReceived?.(fds)
    } catch (exception) {
      closeAll(fds)
      this._fatalError(exception as Error, 'Fatal error: protocol.descriptorsReceived() call failed.')
    }
    // Whoever closed the transport there wants to hear no more.
    return !this._closing
  }

  /** What refers to descriptors that were lost on the way makes no sense any more. */
  #complete({ flags }: ReceivedMessage, fds: readonly FileDescriptor[]): boolean {
    if ((flags & constants['MSG_CTRUNC']!) === 0) return true
    closeAll(fds)
    const message = 'descriptors that the peer passed were lost: this process may not open more of them'
    this._fatalError(systemError(-constants['EMFILE']!, 'recvmsg', { message }), 'Fatal read error on Unix socket')
    return false
  }
}

function isAboutDescriptors(result: number): boolean {
  const { EBADF, ETOOMANYREFS, EMFILE } = constants
  return result === -EBADF! || result === -ETOOMANYREFS! || result === -EMFILE!
}

/** The answer of a system that has nothing to read. */
export function nothingYet(): number {
  return -constants['EAGAIN']!
}
