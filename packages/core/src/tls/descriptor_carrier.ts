import type { Socket as NodeSocket } from 'node:net'
import { PassThrough } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Socket } from '../sockets/socket.js'
import type { StreamSocketTransport } from '../transports/stream_socket_transport.js'
import type { Carrier } from './carrier.js'
import { DirectHalf } from './direct_half.js'
import { engineIsNodes, nodeNet, nodeTls } from './node_tls.js'
import type { TlsSettings } from './tls_settings.js'
import { type HandshakeEvents, tlsSocket } from './tls_socket.js'
import { type WireEvents, WireReader } from './wire_reader.js'

/**
 * Over a socket of the system: what the engine encrypts it writes to the socket itself, through a handle of the host's on a
 * duplicate of the descriptor. What comes is received by the transport, as ever. Against a stream that saves an object, a copy and a
 * call into JavaScript for each write: a quarter of what a small message costs. See docs/decisions/0024.
 */
export class DescriptorCarrier implements Carrier {
  readonly socket: TLSSocket
  readonly plain: DirectHalf
  readonly reader: WireReader
  readonly #duplicate: NodeSocket

  /** Null where it cannot be had: on Windows, on another host than Node, or without a descriptor left. */
  static open(
    sock: Socket,
    settings: TlsSettings,
    events: WireEvents & HandshakeEvents,
    decrypted: (data: Buffer) => void,
  ): DescriptorCarrier | null {
    if (!engineTakesBytes(settings)) return null
    const duplicate = hostSocket(sock)
    return duplicate === null ? null : new DescriptorCarrier(duplicate, settings, events, decrypted)
  }

  private constructor(
    duplicate: NodeSocket,
    settings: TlsSettings,
    events: WireEvents & HandshakeEvents,
    decrypted: (data: Buffer) => void,
  ) {
    this.#duplicate = duplicate
    try {
      this.socket = tlsSocket(duplicate, settings, events)
    } catch (error) {
      duplicate.destroy()
      throw error
    }
    const { socket } = this
    const engine = engineOf(socket) as HostEngine
    // What comes is the transport's to read.
    engine.readStart = () => 0
    this.plain = new DirectHalf(socket, decrypted, settled)
    this.reader = new WireReader(events, {
      receive: (data) => {
        if (!socket.destroyed) engine.receive(data)
      },
      end: () => {
        if (!socket.destroyed) socket.push(null)
      },
    })
    this.reader.resume()
  }

  begin(): void {
    ;(this.reader.transport as StreamSocketTransport)._duplicate = this.#duplicate
  }

  enter(): void {}

  leave(): void {}
}

/**
 * The engine writes once in each turn of the host. What it has of the handshake meanwhile waits for the next one, and the loop may have received
 * the answer before that; the end of the connection does not wait. In the first turn it writes what has waited, and in the second
 * it knows that this has left.
 */
function settled(then: () => void): void {
  setImmediate(() => setImmediate(then))
}

/** The native half of a `TLSSocket`. */
interface HostEngine {
  readStart(): number
  /** Encrypted bytes, which it copies and decrypts. */
  receive(bytes: Uint8Array): void
}

function engineOf(socket: TLSSocket): Partial<HostEngine> | null | undefined {
  return (socket as TLSSocket & { _handle?: Partial<HostEngine> | null })._handle
}

let takesBytes: boolean | undefined

/** Whether this host's engine is one that is known; asked of one that is connected to nothing. */
function engineTakesBytes({ context: { secureContext } }: TlsSettings): boolean {
  if (takesBytes !== undefined) return takesBytes
  if (!engineIsNodes || process.platform === 'win32') return (takesBytes = false)
  const socket = new (nodeTls().TLSSocket)(new PassThrough(), { isServer: true, secureContext })
  const engine = engineOf(socket)
  takesBytes = typeof engine?.receive === 'function' && typeof engine.readStart === 'function'
  socket.destroy()
  return takesBytes
}

/** A socket of the host's on a duplicate of the descriptor: it closes what it has. Null where there is none. */
function hostSocket(sock: Socket): NodeSocket | null {
  let duplicate: Socket
  try {
    duplicate = sock.dup()
  } catch {
    return null
  }
  try {
    // As a stream's: an end that comes is no reason to end what is written.
    const options = { fd: duplicate.fileno(), allowHalfOpen: true, manualStart: true }
    const socket = new (nodeNet().Socket)(options)
    duplicate.detach()
    return socket
  } catch {
    // A family that the host does not know.
    duplicate.close()
    return null
  }
}
