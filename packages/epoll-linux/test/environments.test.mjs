// The addon keeps nothing outside of the environment that loaded it: main thread, workers, contexts, reloads.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { openDescriptors } from './addon.mjs'

const addon = JSON.stringify(new URL('addon.mjs', import.meta.url))

const run = (body) =>
  new Worker(
    `import(${addon}).then(async (addon) => { const { parentPort } = await import('node:worker_threads'); ${body} })`,
    {
      eval: true,
    },
  )
const message = (worker) =>
  new Promise((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
const ended = (worker) => new Promise((resolve) => worker.once('exit', resolve))

describe('workers', () => {
  it('have pollers and sockets of their own, several at a time', async () => {
    const before = openDescriptors()
    const workers = Array.from({ length: 4 }, () =>
      run(`
        const { pollers, sockets, constants } = addon
        const ends = new Int32Array(2)
        sockets.socketpair(constants.AF_UNIX, constants.SOCK_STREAM, 0, ends)
        let found = 0
        for (const Poller of Object.values(pollers)) {
          const poller = new Poller()
          poller.add(ends[0], 1, 1, 3)
          found += poller.wait(1000)
          poller.close()
        }
        for (const fd of ends) sockets.close(fd)
        parentPort.postMessage(found)
      `),
    )
    const ends = workers.map(ended)
    assert.deepEqual(await Promise.all(workers.map(message)), [3, 3, 3, 3])
    assert.deepEqual(await Promise.all(ends), [0, 0, 0, 0])
    assert.equal(openDescriptors(), before)
  })

  it('can be ended in every state, and what they had goes with them', async () => {
    const before = openDescriptors()
    const states = [
      `new addon.pollers.epoll()`,
      `new addon.backend.drivers.WaiterThread(new addon.pollers.epoll(), () => {})`,
      `const w = new addon.backend.drivers.WaiterThread(new addon.pollers.poll(), () => {}); w.ref(); w.arm(Infinity)`,
      `const w = new addon.backend.drivers.WaiterThread(new addon.pollers.select(), () => w.arm(1)); w.ref(); w.arm(0)`,
      `const d = new addon.backend.drivers.UvDriver(new addon.pollers.epoll(), new Int32Array(8), new Float64Array(2).fill(Infinity), () => {}); d.start()`,
      `const state = new Int32Array(8)
       const d = new addon.backend.drivers.UvDriver(new addon.pollers.epoll(), state, new Float64Array(2).fill(Infinity), () => { state[2] = 1 }); d.start()`,
    ]
    for (const state of states) {
      for (let round = 0; round < 3; round++) {
        const worker = run(`${state}; parentPort.postMessage(1); setInterval(() => {}, 1000)`)
        await message(worker)
        await worker.terminate()
      }
      assert.equal(openDescriptors(), before, state)
    }
  })
})

// Until it ends, a worker that is terminated makes calls that the host refuses; they must not end the whole process.
describe('calls of a worker that is being terminated', () => {
  const calls = {
    'a waiting thread':
      'const w = new backend.drivers.WaiterThread(new pollers.poll(), () => {}); w.ref(); for (;;) { w.arm(1); w.wake() }',
    "a driver on the host's loop":
      'const d = new backend.drivers.UvDriver(new pollers.epoll(), new Int32Array(8), new Float64Array(2).fill(Infinity), () => {}); for (;;) { d.start(); d.wake(); d.stop() }',
    'a poller':
      'const p = new pollers.epoll(); const fd = linux.eventfd(0, 0); for (;;) { p.add(fd, 1, 1, 1); p.modify(fd, 1, 1, 3); p.wait(0); p.remove(fd) }',
    sockets:
      'const ends = new Int32Array(2); const one = Buffer.alloc(1); for (;;) { sockets.socketpair(1, 1, 0, ends); sockets.send(ends[0], one, 0, 1, 0); sockets.recv(ends[1], one, 0, 1, 0); sockets.close(ends[0]); sockets.close(ends[1]) }',
    objects: 'for (;;) new backend.drivers.WaiterThread(new pollers.select(), () => {}).close()',
  }
  for (const [name, code] of Object.entries(calls)) {
    it(`${name}: the process goes on`, () => {
      const script = `
        import { Worker } from 'node:worker_threads'
        for (let round = 0; round < 25; round++) {
          const worker = new Worker(${JSON.stringify(
            `import(${addon}).then(({ backend, linux, pollers, sockets }) => { require('node:worker_threads').parentPort.postMessage(1); ${code} })`,
          )}, { eval: true, execArgv: [] })
          await new Promise((resolve) => worker.once('message', resolve))
          await worker.terminate()
        }
      `
      execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000, stdio: 'pipe' })
    })
  }
})

describe('the process', () => {
  it('ends by itself with a poller and a resting waiter open', () => {
    const script = `
      import { pollers, backend } from ${addon}
      new backend.drivers.WaiterThread(new pollers.poll(), () => {}).arm(Infinity)
      new pollers.select()
    `
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 })
  })

  it('ends by process.exit in the middle of everything', () => {
    const script = `
      import { pollers, backend } from ${addon}
      const waiter = new backend.drivers.WaiterThread(new pollers.epoll(), () => process.exit(0))
      waiter.ref()
      waiter.arm(1)
    `
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 })
  })

  it('loads the addon twice', () => {
    const script = `
      import { createRequire } from 'node:module'
      import { prebuild } from ${JSON.stringify(new URL('../dist/index.cjs', import.meta.url))}
      const require = createRequire(import.meta.url)
      const path = process.env.LOOP_BACKEND_PATH ?? prebuild()
      const one = require(path)
      delete require.cache[require.resolve(path)]
      const other = require(path)
      if (one === other || one.EpollSelector === other.EpollSelector) process.exit(1)
      // Each load's drivers take the other's pollers: they are the same C++ class.
      new other.WaiterThread(new one.EpollSelector(), () => {}).close()
    `
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { timeout: 20_000 })
  })
})
