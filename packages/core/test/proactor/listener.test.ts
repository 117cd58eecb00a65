import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errno } from '../../src/errors/errno.js'
import {
  type ExceptionContext,
  type InetAddress,
  ProactorEventLoop,
  type Server,
  Socket,
  sleep,
  type Transport,
} from '../../src/index.js'
import { ScriptedProactor } from './scripted_proactor.js'

let proactor: ScriptedProactor
let loop: ProactorEventLoop
let reports: ExceptionContext[]
let accepted: Transport[]
const owned: Socket[] = []

beforeEach(() => {
  proactor = new ScriptedProactor()
  loop = new ProactorEventLoop(proactor)
  reports = []
  accepted = []
  loop.setExceptionHandler((_, context) => void reports.push(context))
})

afterEach(() => {
  loop.close()
  for (const sock of owned.splice(0)) sock.close()
})

async function passes(count = 4): Promise<void> {
  for (let pass = 0; pass < count; pass++) await sleep(0)
}

async function serve(): Promise<Server> {
  const connectionMade = (transport: Transport) => void accepted.push(transport)
  const server = await loop.createServer(() => ({ connectionMade }), { host: '127.0.0.1', port: 0 })
  await passes()
  return server
}

/** The descriptor of a connection that the system has accepted. */
function connection(): number {
  const listening = new Socket()
  listening.bind({ host: '127.0.0.1', port: 0 })
  listening.listen()
  const client = new Socket()
  owned.push(client, listening)
  try {
    client.connect(listening.getsockname() as InetAddress)
  } catch {}
  return listening.accept()[0].detach()
}

function isOpen(fd: number): boolean {
  return owned[0]!._ops.isNonblocking(fd) >= 0
}

describe('accepting', () => {
  it('[TP-11] one accept is under way at a time', () =>
    loop.runUntilComplete(async () => {
      const server = await serve()
      const { native } = proactor
      for (let count = 1; count <= 3; count++) {
        expect(native.count('accept')).toBe(1)
        native.complete(native.one('accept'), connection())
        await passes()
        expect(accepted.length).toBe(count)
      }
      server.close()
      server.abortClients()
      await passes()
    }))

  it('[TP-11] connections that were lost before they were accepted do not end it', () =>
    loop.runUntilComplete(async () => {
      const server = await serve()
      const { native } = proactor
      native.answers['accept'] = [-errno.ECONNRESET, -errno.ECONNABORTED]
      native.complete(native.one('accept'), -errno.ECONNRESET)
      await passes()
      native.complete(native.one('accept'), connection())
      await passes()
      expect(accepted.length).toBe(1)
      expect(reports).toEqual([])
      server.close()
      server.abortClients()
      await passes()
    }))

  it('[TP-11] when the system has no more descriptors it is told once, and goes on after a second', () =>
    loop.runUntilComplete(async () => {
      const server = await serve()
      const { native } = proactor
      native.complete(native.one('accept'), -errno.EMFILE)
      await passes()
      expect(reports.map(({ message }) => message)).toEqual(['socket.accept() out of system resource'])
      expect(native.count('accept')).toBe(0)
      const before = loop.time()
      while (native.count('accept') === 0) await sleep(50)
      expect(loop.time() - before).toBeGreaterThan(900)
      server.close()
      await passes()
    }))

  it('[TP-11] closing the server takes the accept back', () =>
    loop.runUntilComplete(async () => {
      const server = await serve()
      server.close()
      await passes()
      expect(proactor.native.log).toEqual(['accept', 'cancel accept'])
      expect(reports).toEqual([])
    }))

  it('a connection that came while the server was being closed is closed', () =>
    loop.runUntilComplete(async () => {
      const server = await serve()
      const fd = connection()
      proactor.native.complete(proactor.native.one('accept'), fd)
      server.close()
      await passes()
      expect(accepted).toEqual([])
      expect(isOpen(fd)).toBe(false)
    }))

  it('so is one that nobody had a turn to take when the loop was closed', async () => {
    let fd = -1
    await loop.runUntilComplete(async () => {
      await serve()
      fd = connection()
      proactor.native.answers['accept'] = [fd]
      proactor.native.complete(proactor.native.one('accept'), -errno.ECONNRESET)
      await sleep(0)
    })
    loop.close()
    expect(accepted).toEqual([])
    expect(isOpen(fd)).toBe(false)
  })
})
