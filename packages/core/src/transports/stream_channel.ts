/** How the bytes of one stream come and go: what is different between loops of readiness and loops of completion. */
export interface StreamChannel {
  /** From now on the transport is given what comes, until `stopReading`. Throws what the system answers. */
  startReading(): void
  stopReading(): void
  /** The transport's queue is no longer empty: sends it, until it is. Throws what the system answers. */
  startWriting(): void
  /** It is empty, or nobody wants the rest to be sent. */
  stopWriting(): void
}
