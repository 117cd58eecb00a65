// createConnection: attempts that race, RFC 8305.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CancelledError, constants, type Socket, systemError, TimeoutError } from '@loop/core'
import { deadPort, info, never, opened, resolveTo, watchAttempts } from './connection_attempts.js'
import { listener } from './listener.js'
import { Recorder } from './recorder.js'
import { withinLoop } from './within_loop.js'

describe('createConnection: happy eyeballs', () => {
  it('[CREA-14] the next attempt begins after the delay; the first success wins and the others are closed', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const { address, end } = await listener(ground)
      resolveTo(loop, { name: [info('127.0.0.1', 1), info('127.0.0.1', 2), info(address.host, address.port)] })
      const began: number[] = []
      const sockets = watchAttempts(loop, ({ port }) => {
        began.push(loop.time())
        return port === address.port ? undefined : never(loop)
      })
      const client = new Recorder(loop)
      // From the call on, because an attempt's own start may be held up by other work on the machine.
      const called = loop.time()
      const [transport] = await loop.createConnection(() => client, { host: 'name', port: 1, happyEyeballsDelay: 30 })
      assert.deepEqual(opened(sockets), [false, false, true])
      assert.ok(began[1]! - called >= 30, `the second began after ${began[1]! - called} ms`)
      assert.ok(began[2]! - called >= 60, `the third began after ${began[2]! - called} ms`)
      transport.abort()
      await client.ended()
      await end()
    }))

  it('[CREA-14] after a failure the next begins at once, and 250 ms is the default delay', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const { address, end } = await listener(ground)
      const refused = info('127.0.0.1', deadPort(own))
      resolveTo(loop, { name: [refused, info('127.0.0.1', 2), info(address.host, address.port)] })
      const began: number[] = []
      watchAttempts(loop, ({ port }) => {
        began.push(loop.time())
        return port === 2 ? never(loop) : undefined
      })
      const client = new Recorder(loop)
      const [transport] = await loop.createConnection(() => client, { host: 'name', port: 1 })
      assert.ok(began[1]! - began[0]! < 200, `the second began after ${began[1]! - began[0]!} ms`)
      // The first attempt is known to have begun before the delay did.
      const delay = began[2]! - began[0]!
      assert.ok(delay >= 250, `the third began after ${delay} ms`)
      transport.abort()
      await client.ended()
      await end()
    }))

  it('[EFTD-09] families take turns, beginning with the first address', () =>
    withinLoop(async ({ loop }) => {
      const order = ['::1', '::2', '::3', '127.0.0.1', '127.0.0.2']
      resolveTo(loop, { name: order.map((host) => info(host, 9)) })
      const tried = async (options: object) => {
        const hosts: string[] = []
        watchAttempts(loop, ({ host, port }) => {
          hosts.push(host)
          return Promise.reject(systemError(-constants['ECONNREFUSED']!, 'connect', { address: host, port }))
        })
        await assert.rejects(loop.createConnection(() => ({}), { host: 'name', port: 9, ...options }))
        return hosts
      }
      assert.deepEqual(await tried({}), ['::1', '127.0.0.1', '::2', '127.0.0.2', '::3'])
      assert.deepEqual(await tried({ interleave: 2 }), ['::1', '::2', '127.0.0.1', '::3', '127.0.0.2'])
      assert.deepEqual(await tried({ happyEyeballsDelay: null }), order)
      assert.deepEqual(await tried({ happyEyeballsDelay: null, interleave: 1 }), [
        '::1',
        '127.0.0.1',
        '::2',
        '127.0.0.2',
        '::3',
      ])
    }))

  it('[CREA-14] of two that succeed in one pass one wins and the other is closed', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const { address, end } = await listener(ground)
      resolveTo(loop, { name: [info(address.host, address.port), info(address.host, address.port)] })
      const gate = loop.createFuture<void>()
      const connect = loop.sockConnect.bind(loop)
      const sockets: Socket[] = []
      loop.sockConnect = async (socket, target, options) => {
        sockets.push(socket)
        await connect(socket, target, options)
        if (sockets.length === 2) gate.setResult()
        await gate
      }
      const client = new Recorder(loop)
      const [transport] = await loop.createConnection(() => client, { host: 'name', port: 1, happyEyeballsDelay: 1 })
      assert.deepEqual(opened(sockets).sort(), [false, true])
      transport.abort()
      await client.ended()
      await end()
    }))

  it('[CREA-15] no winner and no errors is a TimeoutError', () =>
    withinLoop(async ({ loop }) => {
      resolveTo(loop, { name: [info('127.0.0.1', 1), info('127.0.0.1', 2)] })
      const sockets = watchAttempts(loop, () => Promise.reject(new CancelledError()))
      await assert.rejects(
        loop.createConnection(() => ({}), { host: 'name', port: 1, happyEyeballsDelay: 1 }),
        (error: Error) => error instanceof TimeoutError && error.message === 'create_connection failed',
      )
      assert.deepEqual(opened(sockets), [false, false])
    }))
})
