import { noteForeignAwaits } from '../introspection/foreign_awaits.js'
import { noteSources } from '../introspection/source.js'
import { forgetOpenLoop, watchOpenLoop } from '../introspection/unclosed.js'
import type { EventLoop } from './event_loop.js'
import { SlowCallbacks } from './slow_callbacks.js'

/** What is watched while a loop is in debug mode. The hooks are the thread's, and stay as long as any loop wants them. */
export class DebugMode {
  readonly slow: SlowCallbacks
  readonly #sources = noteSources()
  readonly #awaits = noteForeignAwaits()

  readonly #loop: EventLoop

  constructor(loop: EventLoop) {
    this.#loop = loop
    this.slow = new SlowCallbacks(loop)
    watchOpenLoop(loop)
  }

  end(): void {
    forgetOpenLoop(this.#loop)
    this.#sources()
    this.#awaits()
  }
}
