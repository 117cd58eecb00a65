import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { errno } from '../../src/errors/errno.js'
import {
  type ExceptionContext,
  ProactorEventLoop,
  type Protocol,
  type Socket,
  sleep,
  socketpair,
  type Transport,
} from '../../src/index.js'
import { ScriptedProactor } from './scripted_proactor.js'

let proactor: ScriptedProactor
let loop: ProactorEventLoop
let mine: Socket
let peer: Socket
let reports: ExceptionContext[]
/** What the system takes of a write at once. */
let room: number

/** A protocol that notes what it is told. */
class Recorder implements Protocol {
  readonly events: unknown[] = []
  connectionMade(): void {
    this.events.push('made')
  }
  dataReceived(data: Buffer): void {
    this.events.push(data.toString())
  }
  eofReceived(): void {
    this.events.push('eof')
  }
  pauseWriting(): void {
    this.events.push('pause')
  }
  resumeWriting(): void {
    this.events.push('resume')
  }
  connectionLost(error: Error | null): void {
    this.events.push(['lost', error === null ? null : ((error as NodeJS.ErrnoException).code ?? error.message)])
  }
}

beforeEach(() => {
  proactor = new ScriptedProactor()
  loop = new ProactorEventLoop(proactor)
  reports = []
  loop.setExceptionHandler((_, context) => void reports.push(context))
  ;[mine, peer] = socketpair()
  room = 0
  const send = (_fd: number, _buffer: Uint8Array, _offset: number, length: number) => {
    const taken = Math.min(room, length)
    room -= taken
    return taken === 0 ? -errno.EAGAIN : taken
  }
  Object.defineProperty(mine, '_ops', {
    value: Object.create(mine._ops, { send: { value: send }, sendv: { value: () => -errno.EAGAIN } }),
  })
})

afterEach(() => {
  loop.close()
  mine.close()
  peer.close()
  expect(proactor.native.closed).toBe(1)
})

/** Some passes of the loop. */
async function passes(count = 4): Promise<void> {
  for (let pass = 0; pass < count; pass++) await sleep(0)
}

function withTransport(body: (transport: Transport, recorder: Recorder) => Promise<void>): Promise<void> {
  return loop.runUntilComplete(async () => {
    const recorder = new Recorder()
    const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
    await passes()
    await body(transport, recorder)
    expect(reports).toEqual([])
  })
}

describe('reading', () => {
  it('[TP-01] one read is under way at a time, and what it brings comes in order', () =>
    withTransport(async (_, { events }) => {
      const { native } = proactor
      for (const text of ['one', 'two', 'three']) {
        expect(native.count('recv')).toBe(1)
        native.complete(native.one('recv'), text)
        await passes()
      }
      expect(events).toEqual(['made', 'one', 'two', 'three'])
      expect(native.log).toEqual(['recv', 'recv', 'recv', 'recv'])
    }))

  it('[TP-02] no bytes are the end of the stream', () =>
    withTransport(async (transport, { events }) => {
      proactor.native.complete(proactor.native.one('recv'), 0)
      await passes()
      expect(events).toEqual(['made', 'eof', ['lost', null]])
      expect(transport.isClosing()).toBe(true)
      expect(proactor.native.log).toEqual(['recv'])
    }))

  it('[TP-03] what arrives while nobody reads is kept until somebody does', () =>
    withTransport(async (transport, { events }) => {
      const { native } = proactor
      transport.pauseReading()
      native.complete(native.one('recv'), 'early')
      await passes()
      expect(events).toEqual(['made'])
      expect(native.count('recv')).toBe(0)
      transport.resumeReading()
      await passes()
      expect(events).toEqual(['made', 'early'])
      expect(native.count('recv')).toBe(1)
    }))

  it('[TP-03] pausing and resuming in the meantime begins no second read', () =>
    withTransport(async (transport, { events }) => {
      const { native } = proactor
      for (let turn = 0; turn < 3; turn++) {
        transport.pauseReading()
        transport.resumeReading()
      }
      await passes()
      expect(native.log).toEqual(['recv'])
      native.complete(native.one('recv'), 'once')
      transport.pauseReading()
      await passes()
      for (let turn = 0; turn < 3; turn++) {
        transport.resumeReading()
        transport.pauseReading()
      }
      transport.resumeReading()
      await passes()
      expect(events).toEqual(['made', 'once'])
    }))

  it('[TP-06] a read that was taken back by closing is silent', () =>
    withTransport(async (transport, { events }) => {
      transport.close()
      await passes()
      expect(proactor.native.log).toEqual(['recv', 'cancel recv'])
      expect(events).toEqual(['made', ['lost', null]])
    }))

  it('[TP-06] one that was taken back by somebody else is fatal', () =>
    withTransport(async (_, { events }) => {
      proactor.native.complete(proactor.native.one('recv'), -errno.ECANCELED)
      await passes()
      expect(events).toEqual(['made', ['lost', 'ECANCELED']])
    }))

  it('[TP-07] a reset ends the connection with that error', () =>
    withTransport(async (_, { events }) => {
      proactor.native.complete(proactor.native.one('recv'), -errno.ECONNRESET)
      await passes()
      expect(events).toEqual(['made', ['lost', 'ECONNRESET']])
    }))

  it('what is read at once comes in the next pass, after who waited for the connection', () =>
    loop.runUntilComplete(async () => {
      proactor.native.answers['recv'] = [0]
      const recorder = new Recorder()
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      expect(recorder.events).toEqual(['made'])
      await passes()
      expect(recorder.events).toEqual(['made', 'eof', ['lost', null]])
      expect(transport.isClosing()).toBe(true)
    }))
})

describe('writing', () => {
  it('what the system takes at once needs no operation', () =>
    withTransport(async (transport) => {
      room = 100
      transport.write('hello')
      expect(transport.getWriteBufferSize()).toBe(0)
      expect(proactor.native.count('send')).toBe(0)
    }))

  it('[TP-04] what is written while a write is under way leaves together after it', () =>
    withTransport(async (transport) => {
      const { native } = proactor
      room = 1
      transport.write('first')
      expect(native.one('send').bytes.toString()).toBe('irst')
      for (const text of ['second', 'third', 'fourth']) transport.write(text)
      await passes()
      expect(native.count('send')).toBe(1)
      native.complete(native.one('send'), 4)
      await passes()
      expect(native.one('send').bytes.toString()).toBe('secondthirdfourth')
      native.complete(native.one('send'), 17)
      await passes()
      expect(native.count('send')).toBe(0)
      expect(transport.getWriteBufferSize()).toBe(0)
    }))

  it('a write that was done in part goes on with the rest', () =>
    withTransport(async (transport) => {
      const { native } = proactor
      transport.writelines(['abc', 'def'])
      native.complete(native.one('send'), 4)
      await passes()
      expect(native.one('send').bytes.toString()).toBe('ef')
    }))

  it('[TP-05] what is under way counts as buffered', () =>
    withTransport(async (transport, { events }) => {
      const { native } = proactor
      transport.setWriteBufferLimits({ high: 10, low: 4 })
      transport.write('0123456789')
      expect(transport.getWriteBufferSize()).toBe(10)
      expect(events).toEqual(['made'])
      transport.write('!')
      expect(events).toEqual(['made', 'pause'])
      native.complete(native.one('send'), 5)
      await passes()
      expect(events).toEqual(['made', 'pause'])
      native.complete(native.one('send'), 2)
      await passes()
      expect(events).toEqual(['made', 'pause', 'resume'])
    }))

  it('[TP-06] a write that fails ends the connection, and is not reported', () =>
    withTransport(async (transport, { events }) => {
      transport.write('x')
      proactor.native.complete(proactor.native.one('send'), -errno.ECONNABORTED)
      await passes()
      expect(events).toEqual(['made', ['lost', 'ECONNABORTED']])
    }))

  it('[TP-08] close waits for the write that is under way, and for what is buffered', () =>
    withTransport(async (transport, { events }) => {
      const { native } = proactor
      transport.write('first')
      transport.write('second')
      transport.close()
      await passes()
      expect(events).toEqual(['made'])
      native.complete(native.one('send'), 5)
      await passes()
      expect(events).toEqual(['made'])
      native.complete(native.one('send'), 6)
      await passes()
      expect(events).toEqual(['made', ['lost', null]])
    }))

  it('[TP-09] abort takes both back; connectionLost comes once', () =>
    withTransport(async (transport, { events }) => {
      const { native } = proactor
      transport.write('never')
      transport.abort()
      transport.abort()
      transport.close()
      await passes()
      expect(native.log.filter((entry) => entry.startsWith('cancel')).sort()).toEqual(['cancel recv', 'cancel send'])
      expect(native.begun).toEqual([])
      expect(events).toEqual(['made', ['lost', null]])
      expect(mine.fileno()).toBe(-1)
    }))

  it('[TP-10] writeEof shuts the writing half down behind what is under way', () =>
    withTransport(async (transport) => {
      const { native } = proactor
      transport.write('last words')
      transport.writeEof()
      await passes()
      expect(() => peer.recv(1)).toThrow(expect.objectContaining({ code: 'EAGAIN' }))
      native.complete(native.one('send'), 10)
      await passes()
      expect(peer.recv(1).length).toBe(0)
      expect(transport.isClosing()).toBe(false)
    }))
})

describe('the loop', () => {
  it('closes in the middle of both without calling anybody', async () => {
    const recorder = new Recorder()
    await loop.runUntilComplete(async () => {
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      await passes()
      transport.write('x')
      expect(proactor.native.begun.map(({ kind }) => kind)).toEqual(['recv', 'send'])
    })
    loop.close()
    expect(recorder.events).toEqual(['made'])
    expect(mine.fileno()).toBe(-1)
  })

  it('has its proactor alone', () => {
    expect(() => new ProactorEventLoop(proactor)).toThrow(/belongs to another loop/)
    expect(() => new ProactorEventLoop({} as never)).toThrow(/proactor must be a Proactor, not \{\}/)
  })
})
