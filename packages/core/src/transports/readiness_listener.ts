import { isLostConnection, isTransient } from './errno.js'
import { Listener } from './listener.js'

/** Accepts when its socket can be read, which it is as long as somebody waits in it. */
export class ReadinessListener extends Listener {
  protected override _begin(): void {
    this._loop._addReader(this._sock.fileno(), acceptReady, this)
  }

  protected override _end(): void {
    this._loop._removeReader(this._sock.fileno())
  }

  /** @internal as many as the kernel can have queued, so that other work has its turn while clients storm in */
  _acceptReady(): void {
    const ops = this._sock._ops
    for (let left = this._backlog + 1; left > 0; left--) {
      // What is accepted may close the server.
      const listening = this._sock.fileno()
      if (listening === -1) return
      const fd = ops.accept(listening)
      if (fd >= 0) this._accepted(this._sock, fd)
      else if (isTransient(fd)) return
      else if (!isLostConnection(fd)) return this._pause(fd)
    }
  }
}

function acceptReady(listener: ReadinessListener): void {
  listener._acceptReady()
}
