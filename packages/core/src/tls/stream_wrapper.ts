import type { TLSSocket } from 'node:tls'
import { engineIsNodes } from './node_tls.js'

/**
 * The native half of Node's wrapper of a stream (`JSStream`), through which `node:tls` reads and writes one. Its other half
 * completes each write by a `setImmediate` of its own, so that one connection gets on by one write in each turn of the host,
 * and costs as much again as the native one. Past it, bytes are given to the engine, and taken from it, at once.
 * See docs/decisions/0024.
 */
export interface StreamWrapper {
  /** Encrypted bytes for the engine, which copies them and decrypts what it can. */
  readBuffer(bytes: Uint8Array): void
  /** Called by the engine: `chunks` are to be written; 0. The next are not before `finishWrite`. */
  onwrite(request: object, chunks: Uint8Array[]): number
  /** The engine must not be on the stack. */
  finishWrite(request: object, status: number): void
}

/** That of an engine; null where the host has none that is known: on Bun, Deno, or another Node. */
export function streamWrapperOf(socket: TLSSocket): StreamWrapper | null {
  if (!engineIsNodes) return null
  const wrapper = (socket as Wrapped)._handle?._parentWrap?._handle
  const methods = ['readBuffer', 'onwrite', 'finishWrite'] as const
  return wrapper != null && methods.every((name) => typeof wrapper[name] === 'function') ? wrapper : null
}

type Wrapped = TLSSocket & { _handle?: { _parentWrap?: { _handle?: StreamWrapper | null } } }
