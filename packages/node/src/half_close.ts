import type { Transport } from '@loop/core'

/** Ends the writing half. TLS has halves for Node's streams, if not for asyncio's transports. */
export function endWriting(transport: Transport & { _endWriting?(): void }): void {
  if (transport.isClosing()) return
  if (transport.canWriteEof()) transport.writeEof()
  else if (transport._endWriting !== undefined) transport._endWriting()
  else transport.close()
}
