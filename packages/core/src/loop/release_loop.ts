import { inspect } from 'node:util'
import { type BaseTransport, SubprocessTransport } from '../transports/transport.js'
import type { SocketEventLoop } from './socket_event_loop.js'

/** What a transport, or another thing that a loop owns, can do beside its public methods when the loop closes under it. */
export interface Releasable {
  /** Gives its descriptor back at once, without a callback. */
  _release?(): void
}

/**
 * Lets go of everything a loop owns, at once and without callbacks: the loop that would run them is closing.
 * In debug mode a warning names what was still open.
 * @param watched descriptors with a reader or writer
 */
export function releaseLoop(loop: SocketEventLoop, watched: readonly number[]): void {
  const transports = [...loop._transports.values()]
  const servers = [...loop._servers]
  const children = [...loop._children]
  if (loop.getDebug())
    warnOfOpen(
      [...transports, ...children.filter((child) => child instanceof SubprocessTransport)],
      servers,
      watched.filter((fd) => !loop._transports.has(fd)),
    )
  for (const server of servers) server.close()
  for (const transport of transports as (BaseTransport & Releasable)[]) transport._release?.()
  for (const child of children) child._release?.()
  // A read of such a file may be under way: the handle closes after it. Nobody is left who could be told of an error.
  for (const file of loop._files) file.close().catch(() => {})
  loop._files.clear()
  loop._transports.clear()
  loop._servers.clear()
}

function warnOfOpen(transports: readonly BaseTransport[], servers: readonly object[], fds: readonly number[]): void {
  const open = [...servers, ...transports].map((owner) => inspect(owner, { depth: 0 }))
  if (fds.length > 0)
    open.push(`readers or writers of ${fds.length === 1 ? 'descriptor' : 'descriptors'} ${fds.join(', ')}`)
  if (open.length === 0) return
  process.emitWarning(`The event loop was closed while this was open: ${open.join('; ')}`, {
    type: 'ResourceWarning',
    code: 'LOOP_OPEN_RESOURCES',
  })
}
