import type { QueueOptions } from './options.js'

/** Milliseconds for the farewell to a Redis. One that cannot be reached does not answer it. */
const farewell = 3000

type RetryStrategy = (times: number) => number | null | void

/**
 * What BullMQ needs to connect. It tries again for as long as `ended` says no: what was asked of a Redis that cannot be
 * reached then fails, instead of keeping the process alive.
 */
export function connectionOf({ connection, prefix }: QueueOptions, ended: () => boolean): { connection: object } {
  const place = prefix === undefined ? {} : { prefix }
  // A client of the program's own has its own ways.
  if (typeof connection['duplicate'] === 'function') return { connection, ...place }
  const again = (connection['retryStrategy'] as RetryStrategy | undefined) ?? ((times) => Math.min(50 * times, 2000))
  const retryStrategy: RetryStrategy = (times) => (ended() ? null : again(times))
  return { connection: { ...connection, retryStrategy }, ...place }
}

/** Closes connections. What cannot be closed in time is not tried again (`connectionOf`), so nothing is left of it. */
export async function closeAll(...connections: { close(): Promise<unknown> }[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, farewell)
  })
  await Promise.race([Promise.allSettled(connections.map((connection) => connection.close())), late])
  clearTimeout(timer)
}
