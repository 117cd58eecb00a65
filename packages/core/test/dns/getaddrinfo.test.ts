import { spawnSync } from 'node:child_process'
import dns from 'node:dns'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CancelledError, constants, SelectorEventLoop, sleep } from '../../src/index.js'

let loop: SelectorEventLoop

beforeEach(() => {
  loop = new SelectorEventLoop()
})

afterEach(() => {
  vi.restoreAllMocks()
  loop.close()
})

type Hints = { family?: number; type?: number; proto?: number; flags?: number }

type Case = [what: string, host: string | null, port: string | number | null, hints: Hints]

/** What the system call gives for each case, asked through Python; null where that is not there. */
function systemAnswers(cases: readonly Case[]): unknown[] | null {
  const script = `
import json, socket, sys
def ask(host, port, hints):
    return [[int(f), int(t), p, c, a[0], a[1]] for f, t, p, c, a in socket.getaddrinfo(host, port, **hints)]
print(json.dumps([ask(*case[1:]) for case in json.loads(sys.argv[1])]))`
  const { status, stdout } = spawnSync('python3', ['-c', script, JSON.stringify(cases)], { encoding: 'utf8' })
  return status === 0 ? (JSON.parse(stdout) as unknown[]) : null
}

async function ourAnswer(host: string | null, port: string | number | null, hints: Hints): Promise<unknown> {
  const found = await loop.runUntilComplete(() => loop.getaddrinfo(host, port, hints))
  return found.map(({ family, type, proto, canonname, address }) => [
    constants[family === 'IPv6' ? 'AF_INET6' : 'AF_INET'],
    type,
    proto,
    canonname,
    address.host,
    address.port,
  ])
}

const failing = (host: string | null, port: string | number | null, hints: Hints = {}) =>
  loop
    .runUntilComplete(() => loop.getaddrinfo(host, port, hints))
    .then(
      () => null,
      (error: unknown) => error,
    )

describe('getaddrinfo', () => {
  const { SOCK_STREAM, SOCK_DGRAM, AF_INET, AF_INET6, AI_PASSIVE, AI_CANONNAME, AI_V4MAPPED, IPPROTO_TCP } = constants
  const cases: Case[] = [
    ['a numeric host', '127.0.0.1', 80, {}],
    ['a numeric host and one type', '127.0.0.1', 80, { type: SOCK_STREAM! }],
    ['a numeric host and datagrams', '127.0.0.1', 80, { type: SOCK_DGRAM! }],
    ['a numeric host and a protocol', '127.0.0.1', 80, { proto: IPPROTO_TCP! }],
    ['a port in digits', '127.0.0.1', '8080', {}],
    ['a service', '127.0.0.1', 'http', {}],
    ['a service of two protocols', '127.0.0.1', 'domain', {}],
    ['a service of one type', '127.0.0.1', 'domain', { type: SOCK_DGRAM! }],
    ['no port', '127.0.0.1', null, { type: SOCK_STREAM! }],
    ['an IPv6 host in long form', '0:0:0:0:0:0:0:1', 80, {}],
    ['no host', null, 80, {}],
    ['no host to listen on', null, 80, { flags: AI_PASSIVE! }],
    ['no host and IPv6', null, 80, { family: AF_INET6!, type: SOCK_STREAM! }],
    ['an IPv4 host for IPv6 sockets', '127.0.0.1', 80, { family: AF_INET6!, flags: AI_V4MAPPED! }],
    ['the canonical name', '127.0.0.1', 80, { flags: AI_CANONNAME! }],
    ['a name', 'localhost', 80, { family: AF_INET!, type: SOCK_STREAM! }],
  ]

  const answers = systemAnswers(cases)

  it.skipIf(answers === null).each(cases.map((one, index) => [...one, index] as const))(
    '[DNS-01] gives what the system call gives for %s (skipped without python3, which asks the system)',
    async (_what, host, port, hints, index) => {
      expect(await ourAnswer(host, port, hints)).toEqual(answers![index])
    },
  )

  it('[DNS-01] resolves names, and takes bytes for names and services', async () => {
    const [first] = await loop.runUntilComplete(() =>
      loop.getaddrinfo(Buffer.from('localhost'), Buffer.from('http'), { family: AF_INET!, type: SOCK_STREAM! }),
    )
    expect(first).toEqual({
      family: 'IPv4',
      type: SOCK_STREAM,
      proto: IPPROTO_TCP,
      canonname: '',
      address: { host: '127.0.0.1', port: 80, family: 'IPv4' },
    })
  })

  it('[DNS-01] needs no resolver for numeric hosts and for none', async () => {
    const lookup = vi.spyOn(dns.promises, 'lookup')
    for (const host of ['127.0.0.1', '::1', null]) await loop.runUntilComplete(() => loop.getaddrinfo(host, 80))
    expect(lookup).not.toHaveBeenCalled()
  })

  it('keeps the zone of a scoped address as its number', async () => {
    const [first] = await loop.runUntilComplete(() => loop.getaddrinfo('fe80::1%7', 80))
    expect(first!.address).toEqual({ host: 'fe80::1', port: 80, family: 'IPv6', flowinfo: 0, scopeid: 7 })
  })

  it("[DNS-02] rejects with the resolver's error", async () => {
    const error = Object.assign(new Error('getaddrinfo EAI_AGAIN example.invalid'), {
      code: 'EAI_AGAIN',
      syscall: 'getaddrinfo',
    })
    vi.spyOn(dns.promises, 'lookup').mockRejectedValue(error)
    expect(await failing('example.invalid', 80)).toBe(error)
  })

  it('[DNS-02] a name that does not exist has a code of Node', async () => {
    const error = (await failing('no-such-host.invalid', 80)) as { code: string; syscall: string }
    // Without any network the resolver says that it has no answer now.
    expect(['ENOTFOUND', 'EAI_AGAIN']).toContain(error.code)
    expect(error.syscall).toBe('getaddrinfo')
  })

  it.each<[string, string | null, string | number | null, Hints, string]>([
    ['an unknown service', '127.0.0.1', 'no-such-service', {}, 'EAI_SERVICE'],
    [
      'a service where only numbers are allowed',
      '127.0.0.1',
      'http',
      { flags: constants['AI_NUMERICSERV']! },
      'EAI_SERVICE',
    ],
    ['a name where only numbers are allowed', 'localhost', 80, { flags: constants['AI_NUMERICHOST']! }, 'ENOTFOUND'],
    ['an IPv6 host for IPv4', '::1', 80, { family: AF_INET! }, 'EAI_ADDRFAMILY'],
    ['a protocol that the type does not have', '127.0.0.1', 80, { type: SOCK_STREAM!, proto: 17 }, 'EAI_SOCKTYPE'],
    ['nothing at all', null, null, {}, 'ENOTFOUND'],
  ])('[DNS-02] %s rejects with its code', async (_what, host, port, hints, code) => {
    expect(await failing(host, port, hints)).toMatchObject({ code, syscall: 'getaddrinfo' })
  })

  it('[DNS-02] the loop goes on while a name is looked up', async () => {
    let answer: (found: dns.LookupAddress[]) => void = () => {}
    vi.spyOn(dns.promises, 'lookup').mockReturnValue(new Promise((resolve) => (answer = resolve as never)) as never)
    const found = await loop.runUntilComplete(async () => {
      const task = loop.createTask(() => loop.getaddrinfo('slow.example', 80, { type: SOCK_STREAM! }))
      for (let i = 0; i < 3; i++) await sleep(0)
      expect(task.done()).toBe(false)
      answer([{ address: '192.0.2.1', family: 4 }])
      return task
    })
    expect(found.map(({ address }) => address.host)).toEqual(['192.0.2.1'])
  })

  it('can be cancelled, and ended by a signal', async () => {
    vi.spyOn(dns.promises, 'lookup').mockReturnValue(new Promise(() => {}) as never)
    await loop.runUntilComplete(async () => {
      const task = loop.createTask(() => loop.getaddrinfo('slow.example', 80))
      await sleep(0)
      task.cancel()
      await expect(task).rejects.toThrow(CancelledError)
      const controller = new AbortController()
      const pending = loop.getaddrinfo('slow.example', 80, { signal: controller.signal })
      controller.abort()
      await expect(pending).rejects.toMatchObject({ code: 'ABORT_ERR' })
    })
  })

  it.each(['answer', 'error'])('[DNS-03] a loop may be closed before the %s comes', async (kind) => {
    let settle = () => {}
    const lookup = new Promise((resolve, reject) => {
      settle = () =>
        kind === 'answer' ? resolve([{ address: '192.0.2.1', family: 4 }]) : reject(new Error('too late'))
    })
    vi.spyOn(dns.promises, 'lookup').mockReturnValue(lookup as never)
    void loop.getaddrinfo('slow.example', 80)
    loop.close()
    settle()
    await lookup.catch(() => {})
    await new Promise((resolve) => setImmediate(resolve))
    await expect(loop.getaddrinfo('slow.example', 80)).rejects.toMatchObject({ code: 'ERR_LOOP_CLOSED' })
  })

  it.each<[string, () => unknown, new () => Error]>([
    ['a number as a host', () => loop.getaddrinfo(1 as never, 80), TypeError],
    ['a host with NUL', () => loop.getaddrinfo('a\0b', 80), RangeError],
    ['a negative port', () => loop.getaddrinfo('::1', -1), RangeError],
    ['a port beyond 65535', () => loop.getaddrinfo('::1', '65536'), RangeError],
    ['an object as a port', () => loop.getaddrinfo('::1', {} as never), TypeError],
    ['a family that has no names', () => loop.getaddrinfo('::1', 1, { family: constants['AF_UNIX']! }), RangeError],
    ['a type in words', () => loop.getaddrinfo('::1', 1, { type: 'tcp' as never }), TypeError],
  ])('%s throws at the call', (_what, act, type) => {
    expect(act).toThrow(type)
  })
})

describe('getnameinfo', () => {
  const { NI_NUMERICHOST, NI_NUMERICSERV, NI_NAMEREQD, NI_DGRAM } = constants
  const ask = (host: string, port: number, flags?: number) =>
    loop.runUntilComplete(() => loop.getnameinfo({ host, port }, flags))

  it('gives the names of a host and a service', async () => {
    expect(await ask('127.0.0.1', 80)).toEqual(['localhost', 'http'])
  })

  it('gives numbers where they are asked for, without a resolver', async () => {
    const lookup = vi.spyOn(dns.promises, 'lookupService')
    expect(await ask('127.0.0.1', 80, NI_NUMERICHOST! | NI_NUMERICSERV!)).toEqual(['127.0.0.1', '80'])
    expect(await ask('127.0.0.1', 123, NI_NUMERICHOST! | NI_DGRAM!)).toEqual(['127.0.0.1', 'ntp'])
    expect(lookup).not.toHaveBeenCalled()
  })

  it('gives numbers where there is no name, unless one is required', async () => {
    const error = Object.assign(new Error('getnameinfo ENOTFOUND'), { code: 'ENOTFOUND', syscall: 'getnameinfo' })
    vi.spyOn(dns.promises, 'lookupService').mockRejectedValue(error)
    expect(await ask('192.0.2.1', 1)).toEqual(['192.0.2.1', expect.any(String)])
    await expect(ask('192.0.2.1', 1, NI_NAMEREQD!)).rejects.toBe(error)
  })

  it('takes numeric hosts only, and checks at the call', () => {
    expect(() => loop.getnameinfo({ host: 'localhost', port: 1 })).toThrow(RangeError)
    expect(() => loop.getnameinfo({ host: '::1', port: -1 })).toThrow(RangeError)
    expect(() => loop.getnameinfo(null as never)).toThrow(TypeError)
    expect(() => loop.getnameinfo({ host: '::1', port: 1 }, 'x' as never)).toThrow(TypeError)
  })
})
