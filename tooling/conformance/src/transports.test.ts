// Stream transports over real sockets: a transport at one end, a plain socket at the other.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { type BufferedProtocol, constants, LoopError, type Socket, sleep } from '@loop/core'
import { Recorder, readAll, readExactly, tcpPair, transportAndPeer } from './recorder.js'
import { loopKind, withinLoop } from './within_loop.js'

const megabyte = 1024 * 1024

/** SO_LINGER of 0 seconds: closing resets the connection. */
const resetOnClose = new Uint8Array(Int32Array.of(1, 0).buffer)

const swallowed =
  process.platform === 'win32' && loopKind() === 'selector' && 'Wine takes the error of a reset away when it is polled'

describe('selector socket transports: beginning', () => {
  it('[TSS-01] connectionMade comes before any data, and reading starts after it', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      peer.send('early')
      const recorder = new Recorder(loop)
      await loop.connectAcceptedSocket(() => recorder, mine)
      await recorder.until(() => recorder.received === 5)
      assert.deepEqual(recorder.events, ['made', 'data'])
      recorder.transport.abort()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-02] the creation ends after connectionMade and before the first data', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      peer.send('early')
      const recorder = new Recorder(loop)
      const created = loop.connectAcceptedSocket(() => recorder, mine)
      assert.deepEqual(recorder.events, [])
      const [transport, protocol] = await created
      assert.deepEqual(recorder.events, ['made'])
      assert.equal(protocol, recorder)
      assert.equal(recorder.transport, transport)
      transport.close()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-26] pauseReading inside connectionMade keeps data back', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const made = recorder.connectionMade
      recorder.connectionMade = (transport) => {
        made.call(recorder, transport)
        transport.pauseReading()
      }
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      peer.send('x')
      for (let pass = 0; pass < 10; pass++) await sleep(0)
      assert.deepEqual(recorder.events, ['made'])
      transport.resumeReading()
      await recorder.until(() => recorder.text === 'x')
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-31] getExtraInfo gives names and socket, or the default', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      assert.deepEqual(transport.getExtraInfo('peername'), peer.getsockname())
      assert.deepEqual(transport.getExtraInfo('sockname'), peer.getpeername())
      const socket = transport.getExtraInfo('socket')!
      assert.equal(socket.fileno(), mine.fileno())
      assert.equal(socket.family, constants['AF_INET'])
      assert.equal('recv' in socket, false)
      assert.equal(transport.getExtraInfo('cipher'), undefined)
      assert.equal(transport.getExtraInfo('cipher', 'none'), 'none')
      transport.close()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-34] plain transports keep sockname and peername after the connection is lost', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      const names = [peer.getpeername(), peer.getsockname()]
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      peer.setsockopt('SOL_SOCKET', 'SO_LINGER', resetOnClose)
      peer.close()
      await recorder.ended()
      assert.deepEqual([transport.getExtraInfo('sockname'), transport.getExtraInfo('peername')], names)
    }))

  it('[CREA-18] TCP_NODELAY is set on TCP transports', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      assert.equal(mine.getsockopt('IPPROTO_TCP', 'TCP_NODELAY'), 0)
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      assert.notEqual(mine.getsockopt('IPPROTO_TCP', 'TCP_NODELAY'), 0)
      transport.close()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-35] addReader and addWriter on a descriptor of an open transport are errors', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      const fd = transport.getExtraInfo('socket')!.fileno()
      for (const method of ['addReader', 'addWriter'] as const) {
        assert.throws(() => loop[method](fd, () => {}), LoopError)
      }
      assert.throws(() => loop.removeReader(fd), LoopError)
      assert.throws(() => loop.removeWriter(fd), LoopError)
      transport.close()
      await recorder.ended()
    }))
})

describe('selector socket transports: writing', () => {
  it('[TSS-03] write sends at once; what is left is buffered and sent when the socket is writable', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.write('now')
      assert.equal(peer.recv(10).toString(), 'now')
      assert.equal(transport.getWriteBufferSize(), 0)
      const data = pattern(4 * megabyte)
      transport.write(data)
      const left = transport.getWriteBufferSize()
      assert.ok(left > 0 && left < data.length, `${left} bytes are buffered`)
      assert.ok((await readExactly(loop, peer, data.length)).equals(data))
      // A proactor is told of what has left, which may be after it has come.
      while (transport.getWriteBufferSize() > 0 && loop.backend.kind === 'proactor') await sleep(0)
      assert.equal(transport.getWriteBufferSize(), 0)
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-04] the caller may reuse its memory after write and writelines', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const mine = new Uint8Array(4 * megabyte).fill(97)
      const line = Buffer.from('line')
      transport.write(mine)
      transport.writelines([line, line])
      mine.fill(98)
      line.fill('?')
      const received = await readExactly(loop, peer, mine.length + 8)
      assert.ok(received.subarray(0, mine.length).every((byte) => byte === 97))
      assert.equal(received.subarray(mine.length).toString(), 'lineline')
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-05] thousands of buffered chunks leave in order', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const chunks = [pattern(2 * megabyte)]
      for (let index = 0; index < 5000; index++) chunks.push(Buffer.from(`${index};`.repeat((index % 40) + 1)))
      for (const chunk of chunks) transport.write(chunk)
      const expected = Buffer.concat(chunks)
      assert.ok((await readExactly(loop, peer, expected.length)).equals(expected))
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-06] a write that would block is buffered whole and sent later', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [mine, peer] = await tcpPair(loop, own)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      const filler = fill(mine)
      transport.write('tail')
      assert.equal(transport.getWriteBufferSize(), 4)
      const received = await readExactly(loop, peer, filler + 4)
      assert.equal(received.subarray(-4).toString(), 'tail')
      transport.close()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-07] an empty write does nothing; what is neither bytes nor a string is a TypeError', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.write('')
      transport.write(new Uint8Array(0))
      transport.writelines([])
      for (const wrong of [5, null, undefined, {}, [1], new ArrayBuffer(1)]) {
        assert.throws(() => transport.write(wrong as never), TypeError)
        assert.throws(() => transport.writelines([wrong] as never), TypeError)
      }
      transport.write('ok ü')
      assert.equal(peer.recv(10).toString('utf8'), 'ok ü')
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-08] writelines keeps the order and pauses the protocol above the limit', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.writelines(['a', Buffer.from('b'), '', 'c'])
      assert.equal(peer.recv(10).toString(), 'abc')
      const many = Array.from({ length: 16_000 }, (_, index) => Buffer.alloc(1000, index))
      transport.writelines(many)
      assert.deepEqual(recorder.events, ['made', 'pause'])
      const expected = Buffer.concat(many)
      assert.ok((await readExactly(loop, peer, expected.length)).equals(expected))
      await recorder.until(() => recorder.events.at(-1) === 'resume')
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-09] writes after the connection is lost are dropped, with one warning after five', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      transport.abort()
      await recorder.ended()
      const warned = once(process, 'warning')
      for (let count = 0; count < 10; count++) transport.write('late')
      assert.equal(transport.getWriteBufferSize(), 0)
      const [warning] = await warned
      assert.equal(warning.code, 'LOOP_LOST_CONNECTION')
    }))

  it('[TSS-10] writelines after the connection is lost is dropped as well', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      transport.abort()
      transport.writelines(['late', 'lines'])
      assert.equal(transport.getWriteBufferSize(), 0)
      await recorder.ended()
      transport.writelines(['late', 'lines'])
      assert.equal(transport.getWriteBufferSize(), 0)
    }))

  it(
    '[TSS-11] a write error closes, goes to connectionLost and is not reported',
    { skip: process.platform === 'win32' && 'the peer of a TCP socket ends later than that of a Unix socket' },
    () =>
      withinLoop(async ({ loop, own }) => {
        const recorder = new Recorder(loop)
        const [transport, peer] = await transportAndPeer(loop, own, recorder)
        transport.pauseReading()
        peer.close()
        transport.write('x')
        assert.equal(transport.isClosing(), true)
        const error = (await recorder.ended()) as NodeJS.ErrnoException
        assert.equal(error.code, 'EPIPE')
        assert.equal(error.syscall, 'send')
        assert.deepEqual(recorder.events, ['made', 'lost'])
      }),
  )

  it('[TSS-11] so does an error of a buffered write', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.pauseReading()
      transport.write(Buffer.alloc(4 * megabyte))
      peer.close()
      const error = (await recorder.ended()) as NodeJS.ErrnoException
      assert.match(error.code ?? '', /EPIPE|ECONNRESET/)
      assert.equal(transport.getWriteBufferSize(), 0)
    }))
})

describe('selector socket transports: flow control', () => {
  it('[TSS-28] pauseWriting strictly above high, resumeWriting at or below low, in turns', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.setWriteBufferLimits({ high: 64 * megabyte })
      const data = pattern(4 * megabyte)
      transport.write(data)
      const size = transport.getWriteBufferSize()
      transport.setWriteBufferLimits({ high: size + 10, low: 5 })
      transport.write('0123456789')
      assert.deepEqual(recorder.events, ['made'])
      transport.write('!')
      assert.deepEqual(recorder.events, ['made', 'pause'])
      transport.write('more')
      assert.deepEqual(recorder.events, ['made', 'pause'])
      let sizeAtResume = -1
      const resume = recorder.resumeWriting
      recorder.resumeWriting = () => {
        sizeAtResume = transport.getWriteBufferSize()
        resume.call(recorder)
      }
      await readExactly(loop, peer, data.length + 15)
      await recorder.until(() => recorder.events.includes('resume'))
      assert.ok(sizeAtResume <= 5)
      assert.deepEqual(recorder.events, ['made', 'pause', 'resume'])
      transport.write(data)
      transport.write(data)
      await readExactly(loop, peer, 2 * data.length)
      await recorder.until(() => recorder.events.length === 5)
      assert.deepEqual(recorder.events, ['made', 'pause', 'resume', 'pause', 'resume'])
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-29] limits: defaults, high 0, and combinations that are errors', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [mine, peer] = await tcpPair(loop, own)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      assert.deepEqual(transport.getWriteBufferLimits(), { low: 16384, high: 65536 })
      transport.setWriteBufferLimits({ high: 1000 })
      assert.deepEqual(transport.getWriteBufferLimits(), { low: 250, high: 1000 })
      transport.setWriteBufferLimits({ low: 1000 })
      assert.deepEqual(transport.getWriteBufferLimits(), { low: 1000, high: 4000 })
      for (const wrong of [{ high: 10, low: 11 }, { low: -1 }, { high: -1 }, { high: Number.NaN }]) {
        assert.throws(() => transport.setWriteBufferLimits(wrong), RangeError)
      }
      assert.throws(() => transport.setWriteBufferLimits({ high: '1' as never }), TypeError)
      transport.setWriteBufferLimits({ high: 0 })
      assert.deepEqual(transport.getWriteBufferLimits(), { low: 0, high: 0 })
      const filler = fill(mine)
      assert.deepEqual(recorder.events, ['made'])
      transport.write('x')
      assert.deepEqual(recorder.events, ['made', 'pause'])
      await readExactly(loop, peer, filler + 1)
      await recorder.until(() => recorder.events.at(-1) === 'resume')
      transport.close()
      await recorder.ended()
      peer.close()
    }))

  it('[TSS-30] lowering the limits below what is buffered pauses at once', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      transport.setWriteBufferLimits({ high: 64 * megabyte })
      transport.write(Buffer.alloc(4 * megabyte))
      assert.deepEqual(recorder.events, ['made'])
      transport.setWriteBufferLimits({ high: 1000 })
      assert.deepEqual(recorder.events, ['made', 'pause'])
      transport.abort()
      await recorder.ended()
    }))

  it('an exception in pauseWriting or resumeWriting is reported and changes nothing else', () =>
    withinLoop(async ({ loop, own, reports }) => {
      const recorder = new Recorder(loop)
      recorder.pauseWriting = () => {
        throw new Error('in pauseWriting')
      }
      recorder.resumeWriting = () => {
        throw new Error('in resumeWriting')
      }
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.write(Buffer.alloc(4 * megabyte))
      await readExactly(loop, peer, 4 * megabyte)
      while (reports.length < 2) await sleep(0)
      assert.deepEqual(
        reports.splice(0).map(({ message }) => message),
        ['protocol.pauseWriting() failed', 'protocol.resumeWriting() failed'],
      )
      transport.close()
      assert.equal(await recorder.ended(), null)
    }))
})

describe('selector socket transports: closing', () => {
  it('[TSS-12] close flushes what is buffered, then connectionLost(null) once', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const data = pattern(4 * megabyte)
      transport.write(data)
      transport.close()
      assert.equal(transport.isClosing(), true)
      const first = await readExactly(loop, peer, megabyte)
      assert.equal(recorder.lost, undefined)
      const rest = await readAll(loop, peer)
      assert.ok(Buffer.concat([first, rest]).equals(data))
      assert.equal(await recorder.ended(), null)
      assert.equal(recorder.events.filter((event) => event === 'lost').length, 1)
    }))

  it('[TSS-13] close with nothing buffered calls connectionLost(null) in the next pass', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      transport.close()
      assert.equal(recorder.lost, undefined)
      await sleep(0)
      assert.equal(recorder.lost, null)
    }))

  it('[TSS-14] close twice and writeEof after close do nothing', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      transport.close()
      transport.close()
      transport.writeEof()
      await recorder.ended()
      transport.close()
      transport.writeEof()
      transport.abort()
      await sleep(0)
      assert.deepEqual(recorder.events, ['made', 'lost'])
    }))

  it('[TSS-15] abort drops what is buffered; connectionLost(null) comes in the next pass', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const data = Buffer.alloc(4 * megabyte)
      transport.write(data)
      transport.abort()
      assert.equal(transport.getWriteBufferSize(), 0)
      assert.equal(recorder.lost, undefined)
      await sleep(0)
      assert.equal(recorder.lost, null)
      assert.ok((await readAll(loop, peer)).length < data.length)
    }))

  it('[TSS-16] abort after close discards what close was flushing', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.write(Buffer.alloc(4 * megabyte))
      transport.close()
      assert.ok(transport.getWriteBufferSize() > 0)
      transport.abort()
      assert.equal(transport.getWriteBufferSize(), 0)
      assert.equal(await recorder.ended(), null)
      assert.equal(recorder.events.filter((event) => event === 'lost').length, 1)
      peer.close()
    }))

  it('[TSS-17] what resumeWriting writes while closing is flushed before connectionLost', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      recorder.resumeWriting = () => transport.write('the end')
      const data = pattern(4 * megabyte)
      transport.write(data)
      transport.close()
      const received = await readAll(loop, peer)
      assert.ok(received.equals(Buffer.concat([data, Buffer.from('the end')])))
      assert.equal(await recorder.ended(), null)
    }))

  it('[TSS-18] writeEof closes the writing half after what is buffered; further writes are errors', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const data = pattern(4 * megabyte)
      transport.write(data)
      transport.writeEof()
      transport.writeEof()
      assert.throws(() => transport.write('x'), LoopError)
      assert.throws(() => transport.writelines(['x']), LoopError)
      assert.ok((await readAll(loop, peer)).equals(data))
      assert.equal(transport.isClosing(), false)
      peer.send('still heard')
      await recorder.until(() => recorder.text === 'still heard')
      peer.close()
      assert.equal(await recorder.ended(), null)
      assert.throws(() => transport.write('x'), LoopError)
    }))

  it('[TSS-18] writeEof with nothing buffered takes effect at once', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      transport.writeEof()
      assert.equal(peer.recv(1).length, 0)
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-19] canWriteEof is true', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      assert.equal(transport.canWriteEof(), true)
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-33] connectionLost comes once, whatever ended the connection; the descriptor is closed after it', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      const socket = transport.getExtraInfo('socket')!
      const lost = recorder.connectionLost
      let open = false
      recorder.connectionLost = (exc) => {
        open = socket.fileno() >= 0
        lost.call(recorder, exc)
      }
      transport.write(Buffer.alloc(4 * megabyte))
      transport.close()
      transport.abort()
      transport.close()
      peer.close()
      await recorder.ended()
      transport.abort()
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.deepEqual(
        recorder.events.filter((event) => event === 'lost'),
        ['lost'],
      )
      assert.equal(open, true)
      assert.equal(socket.fileno(), -1)
    }))

  it('an exception in connectionLost is reported, and the descriptor is closed all the same', () =>
    withinLoop(async ({ loop, own, reports }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      const socket = transport.getExtraInfo('socket')!
      recorder.connectionLost = () => {
        throw new Error('in connectionLost')
      }
      transport.close()
      await sleep(0)
      assert.equal(reports.splice(0)[0]?.exception?.message, 'in connectionLost')
      assert.equal(socket.fileno(), -1)
    }))

  it('a transport that is still open when the loop closes is closed without callbacks', async () => {
    const events: string[] = []
    await withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      await transportAndPeer(loop, own, recorder)
      events.push(...recorder.events)
      recorder.connectionLost = () => void events.push('lost')
    })
    assert.deepEqual(events, ['made'])
  })
})

describe('selector socket transports: reading', () => {
  it('[TSS-20] the end of the stream calls eofReceived once; a falsy answer closes', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [, peer] = await transportAndPeer(loop, own, recorder)
      peer.send('bye')
      peer.shutdown('SHUT_WR')
      assert.equal(await recorder.ended(), null)
      assert.deepEqual(recorder.events, ['made', 'data', 'eof', 'lost'])
      assert.equal(peer.recv(1).length, 0)
    }))

  it('[TSS-20] a protocol without eofReceived is closed as well', () =>
    withinLoop(async ({ loop, own }) => {
      const lost = loop.createFuture<Error | null>()
      const [, peer] = await transportAndPeer(loop, own, {
        connectionLost: (exc: Error | null) => lost.setResult(exc),
      })
      peer.send('nobody listens')
      peer.shutdown('SHUT_WR')
      assert.equal(await lost, null)
    }))

  it('[TSS-21] true from eofReceived keeps the writing half open and ends reading', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      recorder.keepOpen = true
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      peer.shutdown('SHUT_WR')
      await recorder.until(() => recorder.events.includes('eof'))
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.deepEqual(recorder.events, ['made', 'eof'])
      assert.equal(transport.isClosing(), false)
      transport.write('reply')
      assert.equal((await readExactly(loop, peer, 5)).toString(), 'reply')
      transport.close()
      assert.equal(await recorder.ended(), null)
    }))

  it('[TSS-22] a reset gives connectionLost(error) without eofReceived', { skip: swallowed }, () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      const recorder = new Recorder(loop)
      await loop.connectAcceptedSocket(() => recorder, mine)
      peer.setsockopt('SOL_SOCKET', 'SO_LINGER', resetOnClose)
      peer.close()
      const error = (await recorder.ended()) as NodeJS.ErrnoException
      assert.equal(error.code, 'ECONNRESET')
      assert.deepEqual(recorder.events, ['made', 'lost'])
    }),
  )

  for (const method of ['dataReceived', 'eofReceived'] as const) {
    it(`[TSS-23] an exception in ${method} is reported and closes the transport with it`, () =>
      withinLoop(async ({ loop, own, reports }) => {
        const recorder = new Recorder(loop)
        const failure = new Error(`in ${method}`)
        recorder[method] = () => {
          throw failure
        }
        const [transport, peer] = await transportAndPeer(loop, own, recorder)
        if (method === 'dataReceived') peer.send('x')
        else peer.shutdown('SHUT_WR')
        assert.equal(await recorder.ended(), failure)
        const [report] = reports.splice(0)
        assert.equal(report?.message, `Fatal error: protocol.${method}() call failed.`)
        assert.equal(report?.exception, failure)
        assert.equal(report?.transport, transport)
        assert.equal(report?.protocol, recorder)
      }))
  }

  it("[TSS-32] other errors than the system's are reported, the system's are not", { skip: swallowed }, () =>
    withinLoop(async ({ loop, own, reports }) => {
      const [mine, peer] = await tcpPair(loop, own)
      const quiet = new Recorder(loop)
      await loop.connectAcceptedSocket(() => quiet, mine)
      peer.setsockopt('SOL_SOCKET', 'SO_LINGER', resetOnClose)
      peer.close()
      assert.ok((await quiet.ended()) instanceof Error)
      assert.deepEqual(reports, [])
      const loud = new Recorder(loop)
      loud.dataReceived = () => {
        throw new RangeError('a bug')
      }
      const [, other] = await transportAndPeer(loop, own, loud)
      other.send('x')
      assert.ok((await loud.ended()) instanceof RangeError)
      assert.equal(reports.splice(0).length, 1)
    }),
  )

  const noReadiness = loopKind() === 'proactor' && 'a proactor has read what another takes away'
  it('[TSS-24] readiness without data is ignored', { skip: noReadiness }, () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = await tcpPair(loop, own)
      const thief = own(mine.dup())
      const recorder = new Recorder(loop)
      const [transport] = await loop.connectAcceptedSocket(() => recorder, mine)
      await sleep(0)
      // The handle that takes the data away stands in the queue before the transport's.
      let stolen = 0
      peer.send('x')
      loop.callSoon(() => {
        stolen = thief.recv(10).length
      })
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.equal(stolen, 1)
      assert.deepEqual(recorder.events, ['made'])
      assert.equal(transport.isClosing(), false)
      peer.send('y')
      await recorder.until(() => recorder.text === 'y')
      transport.close()
      await recorder.ended()
      peer.close()
    }),
  )

  it('[TSS-25] pauseReading and resumeReading are idempotent; nothing comes while paused', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      await sleep(0)
      peer.send('x')
      transport.pauseReading()
      transport.pauseReading()
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.equal(recorder.received, 0)
      transport.resumeReading()
      transport.resumeReading()
      await recorder.until(() => recorder.text === 'x')
      transport.close()
      transport.pauseReading()
      transport.resumeReading()
      await recorder.ended()
      transport.pauseReading()
      transport.resumeReading()
    }))

  it('[TSS-25] pausing from dataReceived keeps the rest back', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const received = recorder.dataReceived
      recorder.dataReceived = (data) => {
        recorder.transport.pauseReading()
        received.call(recorder, data)
      }
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      peer.send('one')
      await recorder.until(() => recorder.text === 'one')
      peer.send('two')
      for (let pass = 0; pass < 5; pass++) await sleep(0)
      assert.equal(recorder.text, 'one')
      transport.resumeReading()
      await recorder.until(() => recorder.text === 'onetwo')
      transport.close()
      await recorder.ended()
    }))

  it('[TSS-27] isReading tells of pauses and closing', () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport] = await transportAndPeer(loop, own, recorder)
      assert.equal(transport.isReading(), true)
      transport.pauseReading()
      assert.equal(transport.isReading(), false)
      transport.resumeReading()
      assert.equal(transport.isReading(), true)
      transport.close()
      assert.equal(transport.isReading(), false)
      await recorder.ended()
      assert.equal(transport.isReading(), false)
    }))

  it('[TSS-36] setProtocol switches the callbacks, also between streaming and buffered protocols', () =>
    withinLoop(async ({ loop, own }) => {
      const first = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, first)
      assert.equal(transport.getProtocol(), first)
      peer.send('one')
      await first.until(() => first.text === 'one')
      const memory = Buffer.alloc(100)
      const filled = loop.createFuture<number>()
      const buffered: BufferedProtocol = {
        getBuffer: () => memory,
        bufferUpdated: (count) => filled.setResult(count),
      }
      transport.setProtocol(buffered)
      peer.send('two')
      assert.equal(memory.toString('latin1', 0, await filled), 'two')
      const last = new Recorder(loop)
      transport.setProtocol(last)
      assert.throws(() => transport.setProtocol(null as never), TypeError)
      peer.send('three')
      await last.until(() => last.text === 'three')
      transport.close()
      assert.equal(await last.ended(), null)
      assert.deepEqual(first.events, ['made', 'data'])
      assert.deepEqual(last.events, ['data', 'lost'])
    }))

  it("received bytes are the receiver's alone, of every size", () =>
    withinLoop(async ({ loop, own }) => {
      const one = new Recorder(loop)
      const two = new Recorder(loop)
      const [transportOne, peerOne] = await transportAndPeer(loop, own, one)
      const [transportTwo, peerTwo] = await transportAndPeer(loop, own, two)
      const expected: Buffer[] = []
      for (const size of [
        1, 3, 64, 1000, 5000, 16384, 16384, 16384, 9000, 16384, 16384, 16384, 50, 20000, 65536, 100, 70000, 70000, 2,
      ]) {
        const secret = Buffer.alloc(size, 's')
        const open = pattern(size)
        expected.push(open)
        await Promise.all([loop.sockSendall(peerOne, secret), loop.sockSendall(peerTwo, open)])
        const total = expected.reduce((sum, part) => sum + part.length, 0)
        await Promise.all([one.until(() => one.received === total), two.until(() => two.received === total)])
      }
      assert.ok(Buffer.concat(two.chunks).equals(Buffer.concat(expected)))
      for (const chunk of two.chunks) {
        const memory = Buffer.from(chunk.buffer)
        assert.equal(memory.indexOf('sss'), -1, `the memory behind ${chunk.length} bytes shows another connection's`)
      }
      transportOne.close()
      transportTwo.close()
      await Promise.all([one.ended(), two.ended()])
    }))
})

/** Bytes in which a shift of any part shows. */
function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let index = 0; index < size; index++) bytes[index] = ((index * 31 + (index >> 8)) % 251) | 0x80
  return bytes
}

/** Sends past the transport until the kernel takes no more; how much it took. */
function fill(socket: Socket): number {
  let total = 0
  for (const size of [65536, 1]) {
    try {
      for (;;) total += socket.send(Buffer.alloc(size))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
  return total
}
