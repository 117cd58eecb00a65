import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { run, type SelectorEventLoop } from '@loop/core'

/** What a socket emits, in order, in words. */
export function traceOf(socket: Socket): string[] {
  const trace: string[] = []
  socket.on('connect', () => trace.push('connect'))
  socket.on('ready', () => trace.push('ready'))
  socket.on('end', () => trace.push('end'))
  socket.on('finish', () => trace.push('finish'))
  socket.on('timeout', () => trace.push('timeout'))
  socket.on('error', (error: NodeJS.ErrnoException) => trace.push(`error ${error.code ?? error.message}`))
  socket.on('close', (hadError) => trace.push(`close ${hadError}`))
  return trace
}

/** Everything that arrives up to the end of the other half, as text. */
export function readAll(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('end', () => resolve(text))
    socket.on('error', reject)
  })
}

/**
 * The event 'close', which must not have come before: `closed` of a stream is true as soon as it is destroyed. Not `once()`
 * of node:events, which takes an error for the end.
 */
export const closed = (socket: Socket) => new Promise<void>((resolve) => socket.on('close', () => resolve()))

/**
 * A server of node:net whose sockets are given to `serve`, for as long as `body` runs.
 * @param body gets the first of what `serve` gives for the connections, later
 */
export async function withPeer<T>(
  serve: (socket: Socket) => T,
  body: (port: number, served: Promise<T>) => Promise<void>,
): Promise<void> {
  let tell!: (value: T) => void
  const served = new Promise<T>((resolve) => {
    tell = resolve
  })
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    tell(serve(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await body((server.address() as AddressInfo).port, served)
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
}

/** Runs `body` on a loop whose exception handler must not be told anything. */
export async function onLoop(body: (loop: SelectorEventLoop) => Promise<void>): Promise<void> {
  const reports: unknown[] = []
  await run(async () => {
    const { getRunningLoop } = await import('@loop/core')
    const loop = getRunningLoop() as SelectorEventLoop
    loop.setExceptionHandler((_, context) => void reports.push(context))
    await body(loop)
  })
  if (reports.length > 0) throw new Error('the exception handler was told of something', { cause: reports })
}
