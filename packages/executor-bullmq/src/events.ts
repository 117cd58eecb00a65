import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { QueueEvents, QueueEventsListener, QueueEventsProducer } from 'bullmq'

/** Events of our own in the stream of a queue's events. */
export interface OwnEvents extends QueueEventsListener {
  /** The job is to be ended where it runs. */
  'loop:cancel': (event: { jobId: string }, id: string) => void
  /** To oneself: events arrive. */
  'loop:hello': (event: { token: string }, id: string) => void
}

/** Returns when events arrive: from then on none is missed, which a connection that stands does not mean yet. */
export async function untilEventsArrive(events: QueueEvents, producer: QueueEventsProducer): Promise<void> {
  const token = randomUUID()
  let arrived = false
  const hear = (event: { token: string }) => {
    arrived ||= event.token === token
  }
  events.on<OwnEvents, 'loop:hello'>('loop:hello', hear)
  while (!arrived) {
    await producer.publishEvent({ eventName: 'loop:hello', token })
    await setTimeout(10)
  }
  events.off('loop:hello' as never, hear as never)
}
