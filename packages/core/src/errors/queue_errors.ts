/** `getNowait` found nothing. asyncio: `QueueEmpty`. */
export class QueueEmpty extends Error {
  override readonly name = 'QueueEmpty'
  /** Stable, for programs. */
  readonly code = 'ERR_QUEUE_EMPTY'
  constructor(message = 'The queue is empty: await get(), which waits for an item') {
    super(message)
  }
}

/** `putNowait` found no room. asyncio: `QueueFull`. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull'
  /** Stable, for programs. */
  readonly code = 'ERR_QUEUE_FULL'
  constructor(message = 'The queue is full: await put(), which waits for room') {
    super(message)
  }
}

/** The queue takes nothing more, or, for a get, has nothing left. asyncio: `QueueShutDown`. */
export class QueueShutDown extends Error {
  override readonly name = 'QueueShutDown'
  /** Stable, for programs. */
  readonly code = 'ERR_QUEUE_SHUT_DOWN'
  constructor(message = 'The queue has been shut down') {
    super(message)
  }
}
