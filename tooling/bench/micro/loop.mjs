// The primitives of @loop/core:   node loop.mjs MILLISECONDS   prints nanoseconds as JSON
import { argv } from 'node:process'
import { createTask, getRunningLoop, Lock, Queue, run, sleep } from '@loop/core'
import { measureAll, OPERATIONS } from './batches.mjs'

const TIMERS = 10_000
const nothing = () => {}

async function measure() {
  const loop = getRunningLoop()

  async function callSoon() {
    const done = loop.createFuture()
    for (let i = 1; i < OPERATIONS; i++) loop.callSoon(nothing)
    loop.callSoon(() => done.setResult())
    await done
  }

  async function callSoonChain() {
    const done = loop.createFuture()
    let left = OPERATIONS
    const next = () => {
      left -= 1
      if (left === 0) done.setResult()
      else loop.callSoon(next)
    }
    loop.callSoon(next)
    await done
  }

  async function callLaterCancelled() {
    for (let i = 0; i < OPERATIONS; i++) loop.callLater(1000 + ((i * 7919) % 5000), nothing).cancel()
    await sleep(0)
  }

  // So many that the wait for the clock's next step, a millisecond at most, is lost among them.
  async function callLaterFired() {
    const done = loop.createFuture()
    let left = TIMERS
    const fired = () => {
      left -= 1
      if (left === 0) done.setResult()
    }
    for (let i = 0; i < TIMERS; i++) loop.callLater(0, fired)
    await done
    return TIMERS
  }

  async function switches() {
    for (let i = 0; i < OPERATIONS; i++) await sleep(0)
  }

  async function taskSwitch() {
    const tasks = Array.from({ length: 10 }, () => createTask(switches))
    for (const task of tasks) await task
    return 10 * OPERATIONS
  }

  async function futureWakeUp() {
    let ping = loop.createFuture()
    let pong = loop.createFuture()
    const rounds = OPERATIONS / 2
    const answering = createTask(async () => {
      for (let i = 0; i < rounds; i++) {
        await ping
        ping = loop.createFuture()
        pong.setResult()
      }
    })
    for (let i = 0; i < rounds; i++) {
      ping.setResult()
      await pong
      pong = loop.createFuture()
    }
    await answering
  }

  async function create() {
    const tasks = Array.from({ length: OPERATIONS }, () => createTask(async () => {}))
    for (const task of tasks) await task
  }

  // Each of ten tasks waits behind the others for every turn.
  async function lockHandOver() {
    const lock = new Lock()
    await lock.acquire()
    const turns = async () => {
      for (let i = 0; i < OPERATIONS / 10; i++) {
        await lock.acquire()
        lock.release()
      }
    }
    const tasks = Array.from({ length: 10 }, () => createTask(turns))
    await sleep(0)
    lock.release()
    for (const task of tasks) await task
  }

  async function lockFree() {
    const lock = new Lock()
    for (let i = 0; i < OPERATIONS; i++) {
      await lock.acquire()
      lock.release()
    }
  }

  // Neither ever waits.
  async function queuePutGet() {
    const queue = new Queue()
    for (let i = 0; i < OPERATIONS; i++) {
      await queue.put(i)
      await queue.get()
    }
  }

  // One item at a time: the producer waits for room, the consumer for an item.
  async function queueHandOver() {
    const queue = new Queue(1)
    const producing = createTask(async () => {
      for (let i = 0; i < OPERATIONS; i++) await queue.put(i)
    })
    for (let i = 0; i < OPERATIONS; i++) await queue.get()
    await producing
  }

  const batches = {
    callSoon,
    callSoonChain,
    callLaterCancelled,
    callLaterFired,
    taskSwitch,
    taskSwitchAlone: switches,
    futureWakeUp,
    createTask: create,
    lockFree,
    lockHandOver,
    queuePutGet,
    queueHandOver,
  }
  return await measureAll(batches, Number(argv[2] ?? 300))
}

console.log(JSON.stringify(await run(measure)))
