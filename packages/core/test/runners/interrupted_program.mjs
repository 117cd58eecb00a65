// A program for interrupt.test.ts: `node interrupted_program.mjs <scenario>`. It says when it is ready for a Ctrl-C.
import { isMainThread, Worker } from 'node:worker_threads'
import { currentTask, getRunningLoop, run, sleep } from '../../dist/index.js'

const say = (text) => process.stdout.write(`${text}\n`)

if (process.platform === 'win32' && isMainThread)
  process.stdin.on('data', () => process.emit('SIGINT', 'SIGINT')).unref()

/** Waits for good; says when it waits and when it was told to stop. */
async function waiting() {
  try {
    getRunningLoop().callSoon(say, 'ready')
    await getRunningLoop().createFuture()
  } finally {
    say('cleaned up')
  }
}

const scenarios = {
  'uncaught, awaited': async () => await run(waiting),

  'uncaught, not awaited': () => void run(waiting),

  caught: async () => {
    const error = await run(waiting).catch((reason) => reason)
    say(`${error.name} ${error.signal} ${error.code}`)
    say(`listeners: ${process.listenerCount('SIGINT')}`)
  },

  'seen by an uncaughtException listener': () => {
    process.on('uncaughtException', (error) => say(`listener: ${error.name}`))
    run(waiting)
  },

  'clean-up that takes long': () =>
    run(async () => {
      try {
        await waiting()
      } finally {
        getRunningLoop().callSoon(say, 'cleaning')
        await getRunningLoop().createFuture()
      }
    }),

  'swallowed by main': async () => {
    const result = await run(() => waiting().catch((error) => `result after ${error.name}`))
    say(result)
  },

  'own listener before run': () => {
    let press = () => {}
    process.once('SIGINT', () => press())
    return run(async () => {
      const pressed = getRunningLoop().createFuture()
      press = () => pressed.setResult('own listener')
      getRunningLoop().callSoon(say, 'ready')
      say(await pressed)
    })
  },

  'already cancelled': async () => {
    const main = async () => {
      const loop = getRunningLoop()
      const task = currentTask()
      loop.callSoon(() => task.cancel())
      try {
        await loop.createFuture()
      } finally {
        await waiting()
      }
    }
    const error = await run(main).catch((reason) => reason)
    say(error.name)
  },

  'several at once': async () => {
    const outcomes = await Promise.allSettled([run(() => sleep(1e9)), run(waiting)])
    say(outcomes.map((outcome) => outcome.reason.name).join(' '))
  },

  'in a worker': () => {
    const worker = new Worker(new URL(import.meta.url), { argv: ['worker'], stdout: false })
    worker.on('message', () => {
      say(`listeners: ${process.listenerCount('SIGINT')}`)
      worker.terminate()
    })
  },

  worker: async () => {
    const { parentPort } = await import('node:worker_threads')
    await run(async () => {
      parentPort.postMessage('running')
      await getRunningLoop().createFuture()
    })
  },
}

await scenarios[process.argv[2]]()
