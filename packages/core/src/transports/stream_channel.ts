import type { AnyStreamTransport } from './stream_transport.js'

/**
 * How the bytes of streams come and go: what is different between loops of readiness and loops of completion. One channel may
 * serve all streams of a loop, so each call says for which it is.
 */
export interface StreamChannel {
  /** From now on the transport is given what comes, until `stopReading`. Throws what the system answers. */
  startReading(transport: AnyStreamTransport): void
  stopReading(transport: AnyStreamTransport): void
  /** The transport's queue is no longer empty: sends it, until it is. Throws what the system answers. */
  startWriting(transport: AnyStreamTransport): void
  /** It is empty, or nobody wants the rest to be sent. */
  stopWriting(transport: AnyStreamTransport): void
}
