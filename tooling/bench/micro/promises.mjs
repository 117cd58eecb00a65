// What the bare language and host offer for the same ends:   node promises.mjs MILLISECONDS   prints nanoseconds as JSON
import { argv } from 'node:process'
import { measureAll, OPERATIONS } from './batches.mjs'

const TIMERS = 10_000
const nothing = () => {}

function future() {
  let setResult
  const promise = new Promise((resolve) => {
    setResult = resolve
  })
  return { promise, setResult }
}

async function microtasks() {
  const done = future()
  for (let i = 1; i < OPERATIONS; i++) queueMicrotask(nothing)
  queueMicrotask(() => done.setResult())
  await done.promise
}

async function microtaskChain() {
  const done = future()
  let left = OPERATIONS
  const next = () => {
    left -= 1
    if (left === 0) done.setResult()
    else queueMicrotask(next)
  }
  queueMicrotask(next)
  await done.promise
}

async function timeoutsCleared() {
  for (let i = 0; i < OPERATIONS; i++) clearTimeout(setTimeout(nothing, 1000 + ((i * 7919) % 5000)))
}

async function timeoutsFired() {
  const done = future()
  let left = TIMERS
  const fired = () => {
    left -= 1
    if (left === 0) done.setResult()
  }
  for (let i = 0; i < TIMERS; i++) setTimeout(fired, 0)
  await done.promise
  return TIMERS
}

async function awaits() {
  for (let i = 0; i < OPERATIONS; i++) await undefined
}

async function awaitsOfTen() {
  await Promise.all(Array.from({ length: 10 }, awaits))
  return 10 * OPERATIONS
}

async function pingPong() {
  let ping = future()
  let pong = future()
  const rounds = OPERATIONS / 2
  const answering = (async () => {
    for (let i = 0; i < rounds; i++) {
      await ping.promise
      ping = future()
      pong.setResult()
    }
  })()
  for (let i = 0; i < rounds; i++) {
    ping.setResult()
    await pong.promise
    pong = future()
  }
  await answering
}

async function asyncFunctions() {
  const calls = Array.from({ length: OPERATIONS }, async () => {})
  for (const call of calls) await call
}

const batches = {
  callSoon: microtasks,
  callSoonChain: microtaskChain,
  callLaterCancelled: timeoutsCleared,
  callLaterFired: timeoutsFired,
  taskSwitch: awaitsOfTen,
  taskSwitchAlone: awaits,
  futureWakeUp: pingPong,
  createTask: asyncFunctions,
}
console.log(JSON.stringify(await measureAll(batches, Number(argv[2] ?? 300))))
