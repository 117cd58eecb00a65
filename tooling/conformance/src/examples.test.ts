// The programs of examples/, each run as its first line says.
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket as NodeSocket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { constants, openConnection, Socket } from '@loop/core'
import { Example } from './example.js'
import { withinLoop } from './within_loop.js'

const notLinux = process.platform !== 'linux' && "the example is about something of Linux's"
const noSignals =
  process.platform === 'win32' && 'Windows has no Unix datagrams, FIFOs, passed descriptors and signals for these'

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loop-examples-'))
  try {
    await body(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Everything that comes over a connection until its end. */
async function all(socket: NodeSocket): Promise<string> {
  let text = ''
  for await (const data of socket.setEncoding('utf8')) text += data
  return text
}

describe('examples', () => {
  for (const name of ['echo-protocol', 'echo-buffered', 'echo-streams']) {
    it(`${name}: what is sent comes back; a signal ends it`, { skip: noSignals }, async () => {
      await using server = new Example(name)
      const [, port] = await server.printed(/^listening (\d+)$/m)
      const client = connect(Number(port), '127.0.0.1')
      const text = all(client)
      client.end('hello')
      assert.equal(await text, 'hello')
      server.kill('SIGTERM')
      assert.deepEqual(await server.ended(), { code: 0, signal: null, stdout: `listening ${port}\n`, stderr: '' })
    })
  }

  it('udp-echo: each datagram comes back; a signal ends it', { skip: noSignals }, async () => {
    await using server = new Example('udp-echo')
    const [, port] = await server.printed(/^listening (\d+)$/m)
    const client = createSocket('udp4')
    try {
      for (const text of ['hello', '', 'goodbye']) {
        client.send(text, Number(port), '127.0.0.1')
        const [answer] = await once(client, 'message')
        assert.equal(String(answer), text)
      }
    } finally {
      client.close()
    }
    server.kill('SIGTERM')
    const stdout = `listening ${port}\n0 datagrams dropped\n`
    assert.deepEqual(await server.ended(), { code: 0, signal: null, stdout, stderr: '' })
  })

  it('sd-notify: systemd is told', { skip: noSignals }, () =>
    withFolder((folder) =>
      withinLoop(async ({ loop, own }) => {
        const path = join(folder, 'notify')
        const systemd = own(new Socket({ family: constants['AF_UNIX']!, type: constants['SOCK_DGRAM']! }))
        systemd.bind(path)
        await using notifier = new Example('sd-notify', [], { NOTIFY_SOCKET: path })
        const [message] = await loop.sockRecvfrom(systemd, 1000)
        const lines = String(message).split('\n')
        assert.deepEqual([lines[0], lines.at(-1)], ['READY=1', `MAINPID=${notifier.pid}`])
        assert.equal((await notifier.ended()).code, 0)
        await using outside = new Example('sd-notify', [], { NOTIFY_SOCKET: '' })
        assert.deepEqual(await outside.ended(), { code: 0, signal: null, stdout: '', stderr: '' })
      }),
    ),
  )

  it('syslog: each line is a message', { skip: noSignals }, () =>
    withFolder((folder) =>
      withinLoop(async ({ loop, own }) => {
        const path = join(folder, 'log')
        const log = own(new Socket({ family: constants['AF_UNIX']!, type: constants['SOCK_DGRAM']! }))
        log.bind(path)
        await using sender = new Example('syslog', [path])
        // More than the system keeps for a log that does not read.
        const texts = Array.from({ length: 100 }, (_, index) => `line ${index}`)
        sender.input(texts.map((text) => `${text}\n`).join(''))
        for (const text of texts) {
          const [message] = await loop.sockRecvfrom(log, 1000)
          assert.match(
            String(message),
            new RegExp(`^<14>[A-Z][a-z]{2} [ \\d]\\d [\\d:]{8} example\\[\\d+\\]: ${text}$`),
          )
        }
        assert.deepEqual(await sender.ended(), { code: 0, signal: null, stdout: '', stderr: '' })
      }),
    ),
  )

  it('watch-folder: what happens to files is printed', { skip: notLinux }, () =>
    withFolder(async (folder) => {
      await using watcher = new Example('watch-folder', [folder])
      await watcher.printed(/^watching/)
      writeFileSync(join(folder, 'one'), 'content')
      renameSync(join(folder, 'one'), join(folder, 'a longer name'))
      rmSync(join(folder, 'a longer name'))
      mkdirSync(join(folder, 'last'))
      await watcher.printed(/IN_CREATE last/)
      watcher.kill('SIGINT')
      const { code, signal, stdout, stderr } = await watcher.ended()
      assert.deepEqual([code, signal, stderr], [0, null, ''])
      assert.deepEqual(stdout.trimEnd().split('\n').slice(1), [
        'IN_CREATE one',
        'IN_CLOSE_WRITE one',
        'IN_MOVED_FROM one',
        'IN_MOVED_TO a longer name',
        'IN_DELETE a longer name',
        'IN_CREATE last',
      ])
    }),
  )

  it('serial: a command and its answer, over a pty in the place of a device', { skip: notLinux }, async () => {
    // script(1) has the other end of a terminal: what is written to it comes out of the device, and the other way round.
    const line = spawn('script', ['-qfc', 'stty raw -echo; tty; exec sleep 60', '/dev/null'])
    const modem = line.stdout.setEncoding('utf8')
    try {
      let said = ''
      modem.on('data', (text: string) => {
        said += text
      })
      const until = async (pattern: RegExp) => {
        while (!pattern.test(said)) await once(modem, 'data')
        return pattern.exec(said)!
      }
      const [device] = await until(/\/dev\/pts\/\d+/)
      await using terminal = new Example('serial', [device, 'AT+GMR'])
      await until(/AT\+GMR\r/)
      line.stdin.write('\r\nversion 1.2.3\r\n\r\nO')
      await terminal.printed(/version/)
      line.stdin.write('K\r\n')
      assert.deepEqual(await terminal.ended(), { code: 0, signal: null, stdout: 'version 1.2.3\nOK\n', stderr: '' })
    } finally {
      line.kill('SIGKILL')
      await once(line, 'close')
    }
  })

  it('hand-over: one process replaces another, and no connection is lost', { skip: noSignals }, () =>
    withFolder(async (folder) => {
      const control = join(folder, 'control')
      await using first = new Example('hand-over', [control])
      const [, port] = await first.printed(/listens on (\d+)/)
      const greeting = async () => {
        const client = connect(Number(port), '127.0.0.1')
        const text = all(client)
        client.end('echo')
        const [, pid] = /^served by (\d+)\necho$/.exec(await text) ?? assert.fail('the connection was lost')
        return Number(pid)
      }
      // A client that stays with the old process, and others that come all the time.
      const staying = connect(Number(port), '127.0.0.1')
      assert.equal(String((await once(staying, 'data'))[0]), `served by ${first.pid}\n`)
      const served: number[] = []
      let going = true
      const clients = Array.from({ length: 4 }, async () => {
        while (going) served.push(await greeting())
      })
      await using second = new Example('hand-over', [control])
      assert.equal((await second.printed(/listens on (\d+)/))[1], port)
      while (!served.includes(second.pid)) await new Promise((resolve) => setImmediate(resolve))
      going = false
      await Promise.all(clients)
      assert.ok(served.includes(first.pid))
      assert.equal(await greeting(), second.pid)
      // What the old process has, it keeps to the end.
      assert.doesNotMatch(first.stdout, /last connection/)
      staying.write('still here')
      assert.equal(String((await once(staying, 'data'))[0]), 'still here')
      staying.end()
      const { code, stderr } = await first.ended()
      assert.deepEqual([code, stderr], [0, ''])
      assert.match(first.stdout, /has served its last connection/)
    }),
  )

  it('socks-proxy: a connection through it, refusals, and large answers', { skip: noSignals }, () =>
    withinLoop(async () => {
      const answer = Buffer.alloc(3_000_000, 'x')
      const origin = createServer((socket) => socket.once('data', () => socket.end(answer)).on('error', () => {}))
      await once(origin.listen(0, '127.0.0.1'), 'listening')
      await using proxy = new Example('socks-proxy', ['0'])
      const [, port] = await proxy.printed(/^listening (\d+)$/m)
      const ask = async (destination: Buffer) => {
        const [reader, writer] = await openConnection({ host: '127.0.0.1', port: Number(port) })
        writer.write(Uint8Array.of(5, 1, 0))
        assert.deepEqual([...(await reader.readexactly(2))], [5, 0])
        writer.write(destination)
        const [, code] = await reader.readexactly(10)
        return { reader, writer, code }
      }
      const to = (type: number[], { port }: AddressInfo, command = 1) =>
        Buffer.from([5, command, 0, ...type, port >> 8, port & 255])
      const address = origin.address() as AddressInfo
      for (const host of [
        [1, 127, 0, 0, 1],
        [3, 9, ...Buffer.from('localhost')],
      ]) {
        const { reader, writer, code } = await ask(to(host, address))
        assert.equal(code, 0)
        writer.write('anything')
        assert.ok((await reader.read()).equals(answer))
        writer.close()
      }
      const bind = await ask(to([1, 127, 0, 0, 1], address, 2))
      assert.equal(bind.code, 7)
      bind.writer.close()
      await new Promise((resolve) => origin.close(resolve))
      const refused = await ask(to([1, 127, 0, 0, 1], address))
      assert.equal(refused.code, 5)
      assert.equal((await refused.reader.read()).length, 0)
      refused.writer.close()
      proxy.kill('SIGINT')
      const { signal, stderr } = await proxy.ended()
      assert.deepEqual([signal, stderr], ['SIGINT', ''])
    }),
  )

  it('tail-fifo: lines of several writers, one after another', { skip: noSignals }, () =>
    withFolder(async (folder) => {
      const path = join(folder, 'fifo')
      execFileSync('mkfifo', [path])
      await using tail = new Example('tail-fifo', [path])
      appendFileSync(path, 'first\nsec')
      await tail.printed(/first/)
      appendFileSync(path, 'ond\n')
      await tail.printed(/second\n/)
      tail.kill('SIGINT')
      const { signal, stdout, stderr } = await tail.ended()
      assert.deepEqual([signal, stdout, stderr], ['SIGINT', 'first\nsecond\n', ''])
    }),
  )
})
