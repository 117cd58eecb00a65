// Stream servers and connections on Unix sockets.
import assert from 'node:assert/strict'
import { existsSync, statSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { CancelledError, constants, type Server, Socket, sleep } from '@loop/core'
import { Recorder } from './recorder.js'
import { unixPair, withinFolder } from './unix_pair.js'
import { type Ground, supports } from './within_loop.js'

const isWindows = process.platform === 'win32'

/** Whether the file of a socket is there. The host can look at none of Windows'. */
const isSocket = (path: string | Buffer | URL) => (isWindows ? existsSync(path) : statSync(path).isSocket())

/** An echo over `server` and `path`, then the end of both. */
async function exchange(loop: Ground['loop'], server: Server, path: string | Buffer | URL): Promise<void> {
  const client = new Recorder(loop)
  const [transport] = await loop.createUnixConnection(() => client, { path })
  transport.write('hello')
  await client.until(() => client.text === 'hello')
  transport.close()
  assert.equal(await client.ended(), null)
  server.close()
  await server.waitClosed()
}

/** Sends back what it receives. */
function echo(loop: Ground['loop']): () => Recorder {
  return () => {
    const recorder = new Recorder(loop)
    const received = recorder.dataReceived
    recorder.dataReceived = (data) => {
      received.call(recorder, data)
      recorder.transport.write(data)
    }
    return recorder
  }
}

describe('unix sockets', { skip: !supports('unixSockets') && 'this platform has no Unix sockets' }, () => {
  it('[US-01] a stale socket file is removed before bind', () =>
    withinFolder(async (folder, { loop, own }) => {
      const path = join(folder, 'socket')
      const stale = own(new Socket({ family: constants['AF_UNIX']! }))
      stale.bind(path)
      stale.close()
      assert.ok(isSocket(path))
      const server = await loop.createUnixServer(echo(loop), { path })
      await exchange(loop, server, path)
    }))

  it('[US-02] a regular file at the path is an address in use', () =>
    withinFolder(async (folder, { loop }) => {
      const path = join(folder, 'file')
      writeFileSync(path, 'mine')
      await assert.rejects(
        loop.createUnixServer(() => ({}), { path }),
        (error: NodeJS.ErrnoException) => {
          assert.deepEqual([error.code, error.path], ['EADDRINUSE', path])
          assert.ok(error.message.endsWith(`Address ${inspect(path)} is already in use`), error.message)
          return true
        },
      )
      assert.ok(existsSync(path))
      await assert.rejects(
        loop.createUnixConnection(() => ({}), { path }),
        { code: 'ECONNREFUSED' },
      )
      await assert.rejects(
        loop.createUnixConnection(() => ({}), { path: join(folder, 'none') }),
        { code: isWindows ? 'ECONNREFUSED' : 'ENOENT' },
      )
    }))

  it('[US-03] path and sock exclude each other; one is needed', () =>
    withinFolder(async (folder, { loop, own }) => {
      const sock = own(new Socket({ family: constants['AF_UNIX']! }))
      const path = join(folder, 'socket')
      for (const method of ['createUnixServer', 'createUnixConnection'] as const) {
        assert.throws(() => loop[method](() => ({}), { path, sock }), RangeError)
        assert.throws(() => loop[method](() => ({}), {}), RangeError)
        for (const wrong of [5, {}, new URL('http://localhost/')]) {
          assert.throws(() => loop[method](() => ({}), { path: wrong as never }), TypeError)
        }
        assert.throws(() => loop[method](() => ({}), { path: '' }), RangeError)
        assert.throws(() => loop[method](() => ({}), { path: 'a\0b' }), RangeError)
        assert.throws(() => loop[method](null as never, { path }), TypeError)
      }
    }))

  it('[US-04] only Unix stream sockets are accepted', () =>
    withinFolder(async (_, { loop, own }) => {
      const { AF_INET, AF_UNIX, SOCK_DGRAM } = constants
      for (const method of ['createUnixServer', 'createUnixConnection'] as const) {
        const family = supports('unixDatagrams') ? AF_UNIX! : AF_INET!
        const datagram = own(new Socket({ family, type: SOCK_DGRAM! }))
        assert.throws(() => loop[method](() => ({}), { sock: datagram }), RangeError)
        assert.throws(() => loop[method](() => ({}), { sock: own(new Socket()) }), RangeError)
        assert.throws(() => loop[method](() => ({}), { sock: {} as never }), TypeError)
      }
    }))

  it('[US-05] ssl: true is a TypeError for servers; a client needs serverHostname with it', () =>
    withinFolder(async (folder, { loop }) => {
      const path = join(folder, 'socket')
      assert.throws(() => loop.createUnixServer(() => ({}), { path, ssl: true }), TypeError)
      assert.throws(() => loop.createUnixConnection(() => ({}), { path, ssl: true }), RangeError)
    }))

  it('[US-06] serverHostname and TLS timeouts without ssl are errors', () =>
    withinFolder(async (folder, { loop }) => {
      const path = join(folder, 'socket')
      for (const wrong of [{ serverHostname: 'name' }, { sslHandshakeTimeout: 1 }, { sslShutdownTimeout: 1 }]) {
        assert.throws(() => loop.createUnixConnection(() => ({}), { path, ...wrong }), RangeError)
      }
      assert.throws(() => loop.createUnixServer(() => ({}), { path, sslShutdownTimeout: 1 }), RangeError)
    }))

  it('[US-07] a path may be a string, a Buffer or a file URL', () =>
    withinFolder(async (folder, { loop }) => {
      // Windows has no names that are no UTF-8.
      const bytes = isWindows ? [] : [Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])])]
      for (const path of [
        join(folder, 'string'),
        Buffer.from(join(folder, 'büffer')),
        ...bytes,
        pathToFileURL(join(folder, 'a url')),
      ]) {
        const server = await loop.createUnixServer(echo(loop), { path })
        assert.ok(isSocket(path))
        await exchange(loop, server, path)
        assert.equal(existsSync(path), false)
      }
    }))

  it('[US-08] errors of bind go to the caller, and the socket is closed', () =>
    withinFolder(async (folder, { loop }) => {
      await assert.rejects(
        loop.createUnixServer(() => ({}), { path: join(folder, 'none', 'socket') }),
        {
          code: 'ENOENT',
          syscall: 'bind',
        },
      )
      const long = join(folder, 'x'.repeat(200))
      await assert.rejects(
        loop.createUnixServer(() => ({}), { path: long }),
        {
          code: 'ENAMETOOLONG',
          message: /at most \d+ bytes/,
        },
      )
      await assert.rejects(
        loop.createUnixConnection(() => ({}), { path: long }),
        { code: 'ENAMETOOLONG' },
      )
      await assert.rejects(
        loop.createUnixConnection(() => ({}), { path: long, signal: AbortSignal.abort() }),
        CancelledError,
      )
    }))

  it('[US-09] closing the server unlinks the path', () =>
    withinFolder(async (folder, { loop }) => {
      const path = join(folder, 'socket')
      const server = await loop.createUnixServer(() => ({}), { path })
      assert.ok(isSocket(path))
      server.close()
      assert.equal(existsSync(path), false)
    }))

  it('[US-10] also when it was made from a bound socket', () =>
    withinFolder(async (folder, { loop }) => {
      const path = join(folder, 'socket')
      const sock = new Socket({ family: constants['AF_UNIX']! })
      sock.bind(path)
      const server = await loop.createUnixServer(echo(loop), { sock })
      await exchange(loop, server, path)
      assert.equal(existsSync(path), false)
    }))

  it('[US-11] a path that is gone is no error; another file at it is left alone', () =>
    withinFolder(async (folder, { loop }) => {
      const path = join(folder, 'socket')
      const gone = await loop.createUnixServer(() => ({}), { path })
      unlinkSync(path)
      gone.close()
      const first = await loop.createUnixServer(() => ({}), { path })
      const second = await loop.createUnixServer(echo(loop), { path })
      first.close()
      assert.ok(isSocket(path))
      await exchange(loop, second, path)
      assert.equal(existsSync(path), false)
    }))

  it('[US-12] cleanupSocket: false leaves the file', () =>
    withinFolder(async (folder, { loop }) => {
      const path = join(folder, 'socket')
      const server = await loop.createUnixServer(() => ({}), { path, cleanupSocket: false })
      server.close()
      assert.ok(isSocket(path))
    }))

  it('[US-13] abstract names of Linux', { skip: process.platform !== 'linux' && 'abstract names are Linux only' }, () =>
    withinFolder(async (_, { loop }) => {
      const path = `\0loop-test-${process.pid}`
      const server = await loop.createUnixServer(echo(loop), { path })
      assert.equal(server.sockets[0]?.getsockname(), path)
      await exchange(loop, server, path)
    }),
  )

  it(
    'abstract names elsewhere: NotImplementedError, with what to use instead',
    {
      skip: supports('abstractUnixSockets') && 'this platform has them',
    },
    () =>
      withinFolder(async (_, { loop }) => {
        const clear = { name: 'NotImplementedError', feature: 'abstractUnixSockets', hint: /a path in a folder/ }
        assert.throws(() => loop.createUnixServer(() => ({}), { path: '\0name' }), clear)
        assert.throws(() => loop.createUnixConnection(() => ({}), { path: Buffer.from('\0name') }), clear)
      }),
  )

  it('[US-14] all data, the end and connectionLost(null) when the peer closes right after much data', () =>
    withinFolder(async (folder, ground) => {
      const { loop } = ground
      const [mine, peer] = await unixPair(ground, folder)
      const data = Buffer.alloc(150_000, 'x')
      peer.setsockopt('SOL_SOCKET', 'SO_SNDBUF', 400_000)
      const sent = peer.send(data)
      // How much Windows takes at once is its own affair.
      assert.ok(isWindows ? sent > 0 : sent === data.length, `${sent} bytes`)
      peer.close()
      const recorder = new Recorder(loop)
      await loop.createUnixConnection(() => recorder, { sock: mine })
      assert.equal(await recorder.ended(), null)
      assert.equal(recorder.received, sent)
      assert.deepEqual(recorder.events.slice(-2), ['eof', 'lost'])
    }))

  it('names: the server is a path, its unnamed client null', () =>
    withinFolder(async (folder, { loop }) => {
      const path = join(folder, 'socket')
      const accepted: Recorder[] = []
      const server = await loop.createUnixServer(
        () => {
          const recorder = new Recorder(loop)
          accepted.push(recorder)
          return recorder
        },
        { path },
      )
      const client = new Recorder(loop)
      const [transport] = await loop.createUnixConnection(() => client, { path })
      assert.equal(transport.getExtraInfo('peername'), path)
      assert.equal(transport.getExtraInfo('sockname'), null)
      transport.write('x')
      const raw = transport.getExtraInfo('socket')!.family
      assert.equal(raw, constants['AF_UNIX'])
      while (accepted[0]?.text !== 'x') await sleep(1)
      server.close()
      transport.close()
      await server.waitClosed()
      assert.equal(accepted[0]?.transport.getExtraInfo('sockname'), path)
      assert.equal(accepted[0]?.transport.getExtraInfo('peername'), null)
    }))
})
