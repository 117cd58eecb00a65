/**
 * The language of the compared programs, as JSON. Everything in it has one meaning in asyncio (python/) and one in
 * `@loop/core` (now.ts, awaiting.ts). Times and delays are in units of virtual time: a second in Python, a
 * millisecond here. Names are a program's own; whoever gives a name that another thing has takes it over.
 */

export interface Program {
  /** What it shows, with the ids of the behaviours that it covers. Generated programs are known by their seed. */
  title: string
  /** The first version of CPython that behaves as 3.13 does here. */
  needs?: '3.12' | '3.13'
  main: Block
}

export type Block = Statement[]
export type Value = number | string | boolean | null

export type PrimitiveKind =
  | 'lock'
  | 'semaphore'
  | 'boundedSemaphore'
  | 'event'
  | 'condition'
  | 'barrier'
  | 'queue'
  | 'lifoQueue'
  | 'priorityQueue'

/** What a primitive does at once. */
export type PrimitiveAction =
  | 'release'
  | 'set'
  | 'clear'
  | 'notify'
  | 'notifyAll'
  | 'putNowait'
  | 'getNowait'
  | 'taskDone'
  | 'shutdown'

/** What is waited for in a primitive. */
export type PrimitiveWait = 'acquire' | 'wait' | 'put' | 'get' | 'join' | 'reset' | 'abort'

/** Something to wait for. `ref` is what a name stands for; `fn` is handed over as an async function, not as a task. */
export type Awaitable =
  | { is: 'ref'; name: string }
  | { is: 'spawn'; name: string; body: Block; eager?: boolean }
  | { is: 'fn'; name: string; body: Block }
  | { is: 'sleep'; d: number; result?: Value }
  /** Waited for on the spot, by `waitFor`. */
  | { is: 'use'; name: string; call: PrimitiveWait; argument?: Value }
  | { is: 'shield'; of: Awaitable }
  | { is: 'gather'; of: Awaitable[]; returnExceptions?: boolean }

export type Immediate =
  | { op: 'trace'; text: string }
  | { op: 'raise'; error: string }
  /** The error that the innermost `except` is handling; nothing elsewhere. */
  | { op: 'reraise' }
  | { op: 'spawn'; name: string; body: Block; eager?: boolean }
  | { op: 'let'; name: string; of: Exclude<Awaitable, { is: 'fn' | 'sleep' | 'use' }> }
  /** A task, future or handle. */
  | { op: 'cancel'; name: string; message?: string }
  | { op: 'cancelling'; name: string }
  | { op: 'uncancel'; name: string }
  | { op: 'inspect'; name: string }
  | { op: 'tasks' }
  | { op: 'future'; name: string }
  | { op: 'set'; name: string; value?: Value }
  | { op: 'fail'; name: string; error: string }
  /** The label names the callback: given again, the same callback is added again. */
  | { op: 'onDone'; name: string; label: string; body?: Immediate[] }
  | { op: 'offDone'; name: string; label: string }
  | { op: 'soon'; name: string; body: Immediate[] }
  | { op: 'later'; name: string; d: number; body: Immediate[] }
  | { op: 'at'; name: string; when: number; body: Immediate[] }
  | { op: 'groupSpawn'; group: string; name: string; body: Block }
  /** Moves a timeout's deadline to `d` from now; null takes it away. */
  | { op: 'reschedule'; name: string; d: number | null }
  | { op: 'scope'; name: string }
  /** `size` is a semaphore's value, a barrier's parties, a queue's maxsize; `lock` is that of a condition. */
  | { op: 'make'; name: string; kind: PrimitiveKind; size?: number; lock?: string }
  | { op: 'use'; name: string; call: PrimitiveAction; argument?: Value }
  /** A primitive's state. */
  | { op: 'look'; name: string }

export type Awaiting =
  | { op: 'return'; value?: Value }
  | { op: 'await'; of: Awaitable }
  | { op: 'sleep'; d: number }
  /** A plain async function, awaited on the spot. */
  | { op: 'call'; name: string; body: Block }
  | { op: 'try'; body: Block; except?: { on: Caught; body: Block }[]; finally?: Block }
  | { op: 'if'; name: string; is: 'done' | 'cancelled'; then: Block; else?: Block }
  | { op: 'repeat'; times: number; body: Block }
  | { op: 'wait'; of: Awaitable[]; timeout?: number | null; until: 'all' | 'first' | 'exception' }
  | { op: 'waitFor'; of: Awaitable; d: number | null }
  /** By `for await`; `promises`: by `for`, which gives promises. */
  | { op: 'asCompleted'; of: Awaitable[]; timeout?: number | null; promises?: boolean }
  | { op: 'timeout'; name: string; d: number | null; body: Block }
  | { op: 'timeoutAt'; name: string; when: number | null; body: Block }
  | { op: 'group'; name: string; body: Block }
  /** `quiet` leaves the result out of the trace. */
  | { op: 'useAwait'; name: string; call: PrimitiveWait; argument?: Value; quiet?: boolean }
  /** Acquires, runs the body, releases: Python's `async with`. */
  | { op: 'hold'; name: string; body: Block }

/** `error` is all but a cancellation, as Python's `Exception` is. */
export type Caught = 'any' | 'error' | 'cancelled' | 'timeout' | 'group' | 'boom'

export type Statement = Immediate | Awaiting
