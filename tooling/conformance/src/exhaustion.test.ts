// A process that really has no descriptors left: what has to go on goes on, and what cannot says so.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { program } from './program.js'

const skip = process.platform === 'win32' && 'Windows has no limit on the descriptors of a process'

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
        const made = loop.createFuture()
        const server = await loop.createServer(() => ({ dataReceived: (data) => made.setResult(String(data)) }), { host: '127.0.0.1', port: 0 })
        const client = new Socket()
        await sleep(1)
        exhaust()
        await loop.sockConnect(client, server.sockets[0].getsockname())
        await loop.sockSendall(client, 'accepted')
        const before = process.cpuUsage()
        while (reports.length < 2) await sleep(10)
        const { user, system } = process.cpuUsage(before)
        const [[message, code, first], [, , second]] = reports
        console.log(message, code, reports.length)
        console.log('a second apart', second - first >= 990)
        console.log('idle', (user + system) / 1000 < (second - first) / 2)
        free()
        console.log(await made, reports.length)
        server.close()
        server.closeClients()
        await server.waitClosed()
        client.close()
      })`,
      { descriptors: 1000 },
    )
    assert.equal(stderr, '')
    assert.equal(
      stdout,
      'socket.accept() out of system resource EMFILE 2\na second apart true\nidle true\naccepted 2\n',
    )
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
