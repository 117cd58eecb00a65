/** How often each kind of statement comes. Short sleeps and many cancellations make things meet in one pass. */
const simple = { trace: 2, cancel: 13, settle: 9, onDone: 4, soon: 4, later: 4, at: 1, inspect: 2 }
const rare = {
  use: 9,
  look: 1,
  cancelling: 2,
  uncancel: 2,
  tasks: 1,
  offDone: 1,
  reschedule: 2,
  scope: 1,
  let: 3,
  raise: 2,
}
const immediate = { ...simple, ...rare, spawn: 14, spawnEager: 1, groupSpawn: 5 }
const waiting = { sleep: 24, await: 16, wait: 4, waitFor: 4, asCompleted: 2, useAwait: 14 }
const nesting = { hold: 8, try: 18, timeout: 7, timeoutAt: 2, group: 8, call: 5, if: 2, repeat: 1 }

export type Weights = typeof ordinary

export const ordinary = { simple, immediate, waiting, nesting }

/** For programs whose tasks meet at the few locks and queues that there are. */
export const crowded: Weights = {
  simple,
  immediate: { ...immediate, use: 70, look: 4, spawn: 40, cancel: 30 },
  waiting: { ...waiting, sleep: 30, useAwait: 120, waitFor: 10 },
  nesting: { ...nesting, hold: 50 },
}
