// A process that really has no descriptors left: what has to go on goes on, and what cannot says so.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { program } from './program.js'

const skip =
  process.platform === 'win32'
    ? 'Windows has no limit on the descriptors of a process'
    : process.env['LOOP_KQUEUE_SHIM'] !== undefined &&
      'the stand-in for kqueue takes descriptors of its own where kqueue takes none'

/** What the programs below begin with. */
const beginning = `
  import { closeSync, openSync } from 'node:fs'
  import { tmpdir } from 'node:os'
  import { getRunningLoop, run, sleep, Socket, socketpair } from '@loop/core'
  const held = []
  const exhaust = () => { for (;;) try { held.push(openSync("/dev/null", "r")) } catch { return } }
  const free = (count = held.length) => { for (const fd of held.splice(0, count)) closeSync(fd) }
`

describe('no descriptors left', { skip }, () => {
  it('[SERV-16] [EFTD-08] a server reports it once a second, does not spin, and accepts when there are some again', async () => {
    const { stdout, stderr } = await program(
      `${beginning}
      await run(async () => {
        const loop = getRunningLoop()
        const reports = []
        loop.setExceptionHandler((_, { message, exception }) => reports.push([message, exception.code, loop.time()]))
        const received = []
        const protocol = () => ({ dataReceived: (data) => received.push(String(data)) })
        const server = await loop.createServer(protocol, { host: '127.0.0.1', port: 0 })
        const clients = Array.from({ length: 10 }, () => new Socket())
        await sleep(1)
        // The host itself may give one back in between; the next client then takes it.
        let waiting = 0
        while (reports.length === 0) {
          exhaust()
          await loop.sockConnect(clients[waiting], server.sockets[0].getsockname())
          await loop.sockSendall(clients[waiting++], 'accepted')
          while (reports.length === 0 && received.length < waiting) await sleep(1)
        }
        const before = process.cpuUsage()
        while (reports.length < 2) await sleep(10)
        const { user, system } = process.cpuUsage(before)
        const [[message, code, first], [, , second]] = reports
        console.log(message, code, reports.length)
        console.log('a second apart', second - first >= 990)
        console.log('idle', (user + system) / 1000 < (second - first) / 2)
        free()
        while (received.length < waiting) await sleep(10)
        console.log(received.pop(), reports.length)
        server.close()
        server.closeClients()
        await server.waitClosed()
        for (const client of clients) client.close()
      })`,
      { descriptors: 1000 },
    )
    assert.equal(stderr, '')
    assert.equal(
      stdout,
      'socket.accept() out of system resource EMFILE 2\na second apart true\nidle true\naccepted 2\n',
    )
  })

  it('a loop that has not had a timer yet has what it needs for one', async () => {
    const { stdout, stderr } = await program(
      `${beginning}
      import { newEventLoop } from '@loop/core'
      const loop = newEventLoop()
      exhaust()
      await loop.runUntilComplete(async () => {
        const start = loop.time()
        await sleep(20)
        console.log(loop.time() - start >= 20)
      })
      let error
      try { newEventLoop() } catch (caught) { error = caught }
      free(3)
      for (const more of [1, 2, 3]) try { newEventLoop().close() } catch {}
      free(20)
      newEventLoop().close()
      loop.close()
      console.log(error.code)`,
      { descriptors: 1000 },
    )
    assert.deepEqual([stdout, stderr], ['true\nEMFILE\n', ''])
  })

  it('what needs one rejects or throws with EMFILE, and works afterwards', async () => {
    const { stdout, stderr } = await program(
      `${beginning}
      await run(async () => {
        const loop = getRunningLoop()
        const server = await loop.createServer(() => ({}), { host: '127.0.0.1', port: 0 })
        const { port } = server.sockets[0].getsockname()
        await sleep(1)
        const attempts = {
          Socket: () => new Socket().close(),
          socketpair: () => socketpair().forEach((socket) => socket.close()),
          createConnection: async () => (await loop.createConnection(() => ({}), { host: '127.0.0.1', port }))[0].close(),
          createServer: async () => (await loop.createServer(() => ({}), { host: '127.0.0.1', port: 0 })).close(),
          createUnixServer: async () => (await loop.createUnixServer(() => ({}), { path: tmpdir() + '/loop-' + process.pid })).close(),
          sendfile: () => loop.sockSendfile(client, '/dev/null'),
        }
        const client = new Socket()
        await loop.sockConnect(client, { host: '127.0.0.1', port })
        await sleep(1)
        exhaust()
        for (const [name, attempt] of Object.entries(attempts)) {
          try {
            await attempt()
            console.log(name, 'worked')
          } catch (error) {
            console.log(name, error.code)
          }
        }
        free(3)
        for (const attempt of Object.values(attempts)) await attempt()
        console.log('fine')
        client.close()
        server.close()
      })`,
      { descriptors: 1000 },
    )
    assert.equal(stderr, '')
    assert.deepEqual(stdout.trimEnd().split('\n'), [
      'Socket EMFILE',
      'socketpair EMFILE',
      'createConnection EMFILE',
      'createServer EMFILE',
      'createUnixServer EMFILE',
      'sendfile EMFILE',
      'fine',
    ])
  })
})
