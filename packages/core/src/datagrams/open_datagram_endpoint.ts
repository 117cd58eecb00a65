import { inspect } from 'node:util'
import type { BaseEventLoop } from '../loop/base_event_loop.js'
import type { DatagramEndpointOptions } from '../loop/options.js'
import { getRunningLoop } from '../loop/running.js'
import { DatagramEndpoint } from './datagram_endpoint.js'
import { EndpointProtocol } from './endpoint_protocol.js'

const defaultQueueSize = 1024

/** What `openDatagramEndpoint` takes beside the options of its endpoint. */
export interface ReceiveQueue {
  /** How many received datagrams may wait to be taken; 1024. More are dropped, and counted in `endpoint.dropped`. */
  queueSize?: number | undefined
}

/**
 * Makes a datagram endpoint for code that awaits: `for await (const [data, addr] of endpoint)`, `await endpoint.send(...)`.
 * @param options those of `loop.createDatagramEndpoint`, and `queueSize`
 * @throws what `loop.createDatagramEndpoint` throws
 */
export function openDatagramEndpoint(options: DatagramEndpointOptions & ReceiveQueue): Promise<DatagramEndpoint> {
  const { queueSize = defaultQueueSize, ...endpoint } = options
  if (typeof queueSize !== 'number') throw new TypeError(`queueSize must be a number, not ${inspect(queueSize)}`)
  if (!Number.isInteger(queueSize) || queueSize < 1) {
    throw new RangeError(`queueSize must be an integer of 1 or more, not ${queueSize}`)
  }
  const loop = getRunningLoop()
  const protocol = new EndpointProtocol(loop as BaseEventLoop, queueSize)
  return loop.createDatagramEndpoint(() => protocol, endpoint).then(() => new DatagramEndpoint(protocol))
}
