import type { SelectorEventLoop } from '../loop/selector_event_loop.js'
import type { Socket } from '../sockets/socket.js'
import { DescriptorTransport, type TransportFile } from './descriptor_transport.js'

/** A descriptor that a selector loop watches. asyncio: `_SelectorTransport`. */
export abstract class SelectorTransport<F extends TransportFile = Socket> extends DescriptorTransport<F> {
  /** @internal */ declare readonly _loop: SelectorEventLoop

  /** @internal */
  override _stopReading(): void {
    this._loop._removeReader(this._fd)
  }

  /** @internal */
  override _stopWriting(): void {
    this._loop._removeWriter(this._fd)
  }
}
