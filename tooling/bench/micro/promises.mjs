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

/** What one writes without a library: no cancellation, no order that anything else keeps to. */
class Mutex {
  #locked = false
  #waiting = []

  acquire() {
    if (this.#locked) return new Promise((resolve) => this.#waiting.push(resolve))
    this.#locked = true
    return undefined
  }

  release() {
    const next = this.#waiting.shift()
    if (next === undefined) this.#locked = false
    else next()
  }
}

async function mutexHandOver() {
  const mutex = new Mutex()
  mutex.acquire()
  const turns = async () => {
    for (let i = 0; i < OPERATIONS / 10; i++) {
      await mutex.acquire()
      mutex.release()
    }
  }
  const all = Promise.all(Array.from({ length: 10 }, turns))
  mutex.release()
  await all
}

async function mutexFree() {
  const mutex = new Mutex()
  for (let i = 0; i < OPERATIONS; i++) {
    await mutex.acquire()
    mutex.release()
  }
}

class Channel {
  #items = []
  #size
  #getters = []
  #putters = []

  constructor(size = Number.POSITIVE_INFINITY) {
    this.#size = size
  }

  async put(item) {
    while (this.#items.length >= this.#size) await new Promise((resolve) => this.#putters.push(resolve))
    this.#items.push(item)
    this.#getters.shift()?.()
  }

  async get() {
    while (this.#items.length === 0) await new Promise((resolve) => this.#getters.push(resolve))
    this.#putters.shift()?.()
    return this.#items.shift()
  }
}

async function channelPutGet() {
  const channel = new Channel()
  for (let i = 0; i < OPERATIONS; i++) {
    await channel.put(i)
    await channel.get()
  }
}

async function channelHandOver() {
  const channel = new Channel(1)
  const producing = (async () => {
    for (let i = 0; i < OPERATIONS; i++) await channel.put(i)
  })()
  for (let i = 0; i < OPERATIONS; i++) await channel.get()
  await producing
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
  lockFree: mutexFree,
  lockHandOver: mutexHandOver,
  queuePutGet: channelPutGet,
  queueHandOver: channelHandOver,
}
console.log(JSON.stringify(await measureAll(batches, Number(argv[2] ?? 300))))
