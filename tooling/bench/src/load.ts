import { type Cell, cellName } from './cells.js'
import { runToEnd } from './child.js'
import type { Server } from './server.js'

/** What native/load.c prints. */
export interface Load {
  connections: number
  size: number
  requests: number
  seconds: number
  /** Requests a second. */
  rate: number
  p50Us: number
  p99Us: number
  fewestOnOneConnection: number
  serverCpuSeconds: number
  loadCpuSeconds: number
  errors: number
  connectErrors: number
  corruptBytes: number
  excessBytes: number
  closedEarly: number
  unanswered: number
  /** What the load generator wrote to its standard error: why it could not connect, for instance. */
  remark: string
}

export interface LoadOptions {
  program: string
  core?: number | undefined
  seconds: number
  warmup: number
}

/** Connecting 1,000 times and collecting the last replies happen outside the measured seconds. */
const ALLOWANCE = 30_000

/** Puts a running server under load and resolves to what was seen, errors included. */
export async function loadPort(port: number, pid: number, cell: Cell, options: LoadOptions): Promise<Load> {
  const numbers = {
    port,
    connections: cell.connections,
    size: cell.size,
    seconds: options.seconds,
    warmup: options.warmup,
    'server-pid': pid,
  }
  const command = [options.program, ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)])]
  const limit = (options.seconds + options.warmup) * 1000 + ALLOWANCE
  const { code, stdout, stderr } = await runToEnd(command, limit, { core: options.core })
  if (code !== 0 && code !== 1) throw new Error(`The load generator ended with ${code}: ${stderr.trim()}`)
  return { ...JSON.parse(stdout), remark: stderr.trim() }
}

/** As `loadPort`, but an error that the load saw is thrown: a fast wrong answer is no answer. */
export async function loadServer(server: Server, cell: Cell, options: LoadOptions): Promise<Load> {
  const load = await loadPort(server.port, server.pid, cell, options)
  if (load.errors > 0 || load.requests === 0) {
    const { connectErrors, corruptBytes, excessBytes, closedEarly, unanswered, requests } = load
    const seen = JSON.stringify({ requests, connectErrors, corruptBytes, excessBytes, closedEarly, unanswered })
    const lines = [`${server.peer.name} echoed wrongly at ${cellName(cell)}: ${seen}`, load.remark, server.errors]
    throw new Error(lines.filter((line) => line !== '').join('\n'))
  }
  return load
}
