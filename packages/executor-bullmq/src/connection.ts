import type { QueueOptions } from './options.js'

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
