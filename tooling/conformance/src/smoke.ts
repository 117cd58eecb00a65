/**
 * node|bun|deno dist/smoke.js [DRIVER]: a short walk through the loop on a host that cannot run the suite (its `node:test`
 * differs). DRIVER: which one must have been chosen. Ends with the plain counts, and with 1 at the first that is wrong.
 */
import assert from 'node:assert/strict'
import {
  CancelledError,
  createTask,
  getRunningLoop,
  openConnection,
  RemoteLoop,
  run,
  runCoroutineThreadsafe,
  sleep,
  socketpair,
  startServer,
  TaskGroup,
  TimeoutError,
  type TlsContext,
  timeout,
  toThread,
} from '@loop/core'
import { clientContext, serverContext } from './tls_pair.js'

const checks: Record<string, () => Promise<void>> = {
  async 'the driver is the one for this host'() {
    const expected = process.argv[2]
    if (expected !== undefined) assert.equal(getRunningLoop().backend.driver, expected)
  },

  async 'timers fire in order and not early'() {
    const loop = getRunningLoop()
    const began = loop.time()
    const seen: number[] = []
    await TaskGroup.run(async (group) => {
      for (const delay of [300, 100, 200]) group.createTask(() => sleep(delay).then(() => void seen.push(delay)))
    })
    assert.deepEqual(seen, [100, 200, 300])
    assert.ok(loop.time() - began >= 300)
  },

  async 'cancellation reaches the await and clean-up runs'() {
    let cleaned = false
    const task = createTask(async () => {
      try {
        await sleep(1e6)
      } finally {
        cleaned = true
      }
    })
    await sleep(1)
    task.cancel()
    await assert.rejects(async () => {
      await task
    }, CancelledError)
    assert.ok(cleaned)
  },

  'streams carry a megabyte both ways': () => megabyte(),

  'streams over TLS do, too': () => megabyte(clientContext, serverContext),

  async 'a reader is called when its descriptor is readable'() {
    const loop = getRunningLoop()
    const [here, there] = socketpair()
    const readable = loop.createFuture<string>()
    loop.addReader(here, () => {
      loop.removeReader(here)
      readable.setResult(here.recv(10).toString())
    })
    setTimeout(() => there.send('ping'), 2)
    assert.equal(await readable, 'ping')
    here.close()
    there.close()
  },

  async 'jobs run in threads, which end when they are told to'() {
    assert.equal(await toThread((a: number, b: number) => a + b, 1, 2), 3)
    await assert.rejects(
      toThread(() => {
        throw new RangeError('no')
      }),
      RangeError,
    )
    await assert.rejects(
      toThread(() => process.exit(3)),
      { code: 'ERR_EXECUTOR_BROKEN' },
    )
    const stuck = () => {
      for (;;);
    }
    await assert.rejects(
      timeout(500, () => toThread(stuck)),
      TimeoutError,
    )
  },

  async 'a handle reaches the loop'() {
    const loop = new RemoteLoop(getRunningLoop().threadHandle())
    assert.equal(await runCoroutineThreadsafe<number>({ fn: async (n: number) => n + 1, args: [4] }, loop), 5)
    loop.close()
  },
}

/** There and back through a server. */
async function megabyte(client?: TlsContext, server?: TlsContext): Promise<void> {
  const listening = await startServer(
    async (reader, writer) => {
      for (;;) {
        const data = await reader.read(65536)
        if (data.length === 0) break
        await writer.write(data)
      }
      writer.close()
    },
    { host: '127.0.0.1', port: 0, ssl: server },
  )
  const { port } = listening.sockets[0]!.getsockname() as { port: number }
  const [reader, writer] = await openConnection({
    host: '127.0.0.1',
    port,
    ssl: client,
    ...(client && { serverHostname: 'localhost' }),
  })
  const sent = Buffer.alloc(1 << 20, 'a line of text\n')
  const sending = createTask(async () => {
    await writer.write(sent)
    if (writer.canWriteEof()) writer.writeEof()
  })
  assert.ok((await reader.readexactly(sent.length)).equals(sent))
  await sending
  writer.close()
  listening.close()
  await listening.waitClosed()
}

let passed = 0
try {
  for (const [title, check] of Object.entries(checks)) {
    await run(check)
    passed++
    console.log(`ok ${title}`)
  }
} finally {
  console.log(`${passed} passed, ${Object.keys(checks).length - passed} failed`)
}
