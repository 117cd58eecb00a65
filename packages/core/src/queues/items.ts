/** Where a queue keeps what was put into it: the order in which it comes out. */
export interface Items<T> {
  /** How many there are. */
  readonly length: number
  /** Puts one in. */
  put(item: T): void
  /** Takes one out. Is not called when there is none. */
  take(): T
}
