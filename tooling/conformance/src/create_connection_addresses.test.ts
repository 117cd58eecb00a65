// createConnection: which addresses are tried, and what is said of those that fail.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type InetAddress, sleep } from '@loop/core'
import { deadPort, info, opened, resolveTo, watchAttempts } from './connection_attempts.js'
import { listener } from './listener.js'
import { Recorder } from './recorder.js'
import { withinLoop } from './within_loop.js'

describe('createConnection: addresses', () => {
  it('[CREA-03] addresses are tried in order until one connects', () =>
    withinLoop(async (ground) => {
      const { loop, own } = ground
      const { address, end } = await listener(ground)
      const dead = [deadPort(own), deadPort(own)]
      resolveTo(loop, { name: [...dead.map((port) => info('127.0.0.1', port)), info(address.host, address.port)] })
      for (const happyEyeballsDelay of [null, 10_000]) {
        const sockets = watchAttempts(loop)
        const client = new Recorder(loop)
        const [transport] = await loop.createConnection(() => client, { host: 'name', port: 1, happyEyeballsDelay })
        assert.deepEqual(opened(sockets), [false, false, true])
        assert.deepEqual((transport.getExtraInfo('peername') as InetAddress).port, address.port)
        transport.abort()
        await client.ended()
      }
      await end()
    }))

  it('[CREA-04] one error is thrown as it is, equal ones once, different ones together', () =>
    withinLoop(async ({ loop, own }) => {
      const factory = () => ({})
      const [one, two] = [deadPort(own), deadPort(own)]
      const attempt = (happyEyeballsDelay: number | null) =>
        loop.createConnection(factory, { host: 'name', port: 1, happyEyeballsDelay })
      for (const delay of [null, 10_000]) {
        resolveTo(loop, { name: [info('127.0.0.1', one)] })
        await assert.rejects(attempt(delay), {
          code: 'ECONNREFUSED',
          syscall: 'connect',
          address: '127.0.0.1',
          port: one,
        })
        resolveTo(loop, { name: [info('127.0.0.1', one), info('127.0.0.1', one)] })
        await assert.rejects(attempt(delay), { code: 'ECONNREFUSED', message: /^connect ECONNREFUSED/ })
        resolveTo(loop, { name: [info('127.0.0.1', one), info('127.0.0.1', two)] })
        await assert.rejects(attempt(delay), {
          code: 'ECONNREFUSED',
          message: new RegExp(`^Multiple exceptions: .*:${one}.*, .*:${two}`),
        })
      }
    }))

  it('[CREA-05] allErrors gives an AggregateError', () =>
    withinLoop(async ({ loop, own }) => {
      const ports = [deadPort(own), deadPort(own)]
      resolveTo(loop, { name: ports.map((port) => info('127.0.0.1', port)) })
      await assert.rejects(
        loop.createConnection(() => ({}), { host: 'name', port: 1, allErrors: true }),
        (error: AggregateError) => {
          assert.ok(error instanceof AggregateError)
          assert.equal(error.message, 'create_connection failed')
          assert.deepEqual(
            error.errors.map((each) => each.port),
            ports,
          )
          return true
        },
      )
    }))

  it('[CREA-06] a resolver that finds nothing is a system error', () =>
    withinLoop(async ({ loop }) => {
      resolveTo(loop, {})
      await assert.rejects(
        loop.createConnection(() => ({}), { host: 'name', port: 1 }),
        {
          code: 'ENOTFOUND',
          syscall: 'getaddrinfo',
          message: /returned empty list/,
        },
      )
    }))

  it('[CREA-07] localAddr is bound before connecting; addresses of other families are skipped', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const { address, end, clients } = await listener(ground)
      resolveTo(loop, { local: [info('::1', 0), info('127.0.0.1', 0)] })
      for (const localAddr of [
        { host: 'local', port: 0 },
        { host: '127.0.0.2', port: 0 },
      ]) {
        const client = new Recorder(loop)
        const [transport] = await loop.createConnection(() => client, { ...address, localAddr })
        const mine = transport.getExtraInfo('sockname') as InetAddress
        assert.equal(mine.host, localAddr.host === 'local' ? '127.0.0.1' : '127.0.0.2')
        for (let pass = 0; pass < 100 && clients.at(-1)?.transport === undefined; pass++) await sleep(1)
        assert.deepEqual(clients.at(-1)?.transport.getExtraInfo('peername'), mine)
        transport.abort()
        await client.ended()
      }
      await end()
    }))

  it('[CREA-08] no local address of the right family is a system error', () =>
    withinLoop(async (ground) => {
      const { address, end } = await listener(ground)
      const sockets = watchAttempts(ground.loop)
      await assert.rejects(
        ground.loop.createConnection(() => ({}), { ...address, localAddr: { host: '::1', port: 0 } }),
        { syscall: 'bind', message: /no matching local address with family IPv4 found/ },
      )
      assert.deepEqual(sockets, [])
      await end()
    }))

  it('[CREA-09] a local address in use is reported with the address', () =>
    withinLoop(async (ground) => {
      const { address, end } = await listener(ground)
      const taken = await listener(ground)
      await assert.rejects(
        ground.loop.createConnection(() => ({}), { ...address, localAddr: taken.address }),
        {
          code: 'EADDRINUSE',
          syscall: 'bind',
          address: '127.0.0.1',
          port: taken.address.port,
          message: /error while attempting to bind on address 127\.0\.0\.1:/,
        },
      )
      await end()
      await taken.end()
    }))

  it('[CREA-10] numeric addresses skip the resolver', () =>
    withinLoop(async (ground) => {
      const { loop } = ground
      const { address, end } = await listener(ground)
      const asked = resolveTo(loop, {})
      for (const port of [address.port, String(address.port)]) {
        const client = new Recorder(loop)
        const [transport] = await loop.createConnection(() => client, { host: '127.0.0.1', port })
        transport.abort()
        await client.ended()
      }
      assert.deepEqual(asked, [])
      await end()
    }))

  it('a name is resolved by the host', () =>
    withinLoop(async (ground) => {
      const { address, end } = await listener(ground)
      const client = new Recorder(ground.loop)
      const [transport] = await ground.loop.createConnection(() => client, { host: 'localhost', port: address.port })
      transport.abort()
      await client.ended()
      await end()
    }))

  it("[CREA-13] an error that is not the system's closes the socket and is thrown as it is", () =>
    withinLoop(async ({ loop }) => {
      const failure = new TypeError('a bug')
      for (const happyEyeballsDelay of [null, 10_000]) {
        resolveTo(loop, { name: [info('127.0.0.1', 1), info('127.0.0.1', 2)] })
        const sockets = watchAttempts(loop, () => Promise.reject(failure))
        await assert.rejects(
          loop.createConnection(() => ({}), { host: 'name', port: 1, happyEyeballsDelay }),
          failure,
        )
        assert.deepEqual(opened(sockets), [false])
      }
    }))
})
