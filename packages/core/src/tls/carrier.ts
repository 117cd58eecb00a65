import type { TLSSocket } from 'node:tls'
import type { PlainHalf } from './plain_half.js'
import type { WireReader } from './wire_reader.js'

/** An engine, and how its encrypted bytes travel. */
export interface Carrier {
  readonly socket: TLSSocket
  readonly plain: PlainHalf
  /** The protocol of the transport under it. */
  readonly reader: WireReader
  /** That transport is there. */
  begin(): void
  /** What makes the engine write is called between `enter` and `leave`. */
  enter(): void
  leave(): void
}
