// Operations that are cancelled by the thousand, each kind of them; what was not cancelled goes on.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CancelledError, type InetAddress, Socket, sleep, socketpair } from '@loop/core'
import { cancelled, count, limit } from './cancelled.js'
import { Recorder } from './recorder.js'
import { loopKind, withinLoop } from './within_loop.js'

const here = { host: '127.0.0.1', port: 0 }
const skip =
  process.platform !== 'win32' &&
  loopKind() === 'selector' &&
  'for the mechanisms of Windows; others have tests of their own'

describe('a thousand operations that are cancelled', { skip }, () => {
  it('[TP-13] receiving, after which no byte is lost', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = socketpair()
      own(mine)
      own(peer)
      await cancelled(() => loop.createTask(() => loop.sockRecv(mine, 10)))
      await loop.sockSendall(peer, 'all of it')
      assert.equal(String(await loop.sockRecv(mine, 100)), 'all of it')
    }, limit))

  it('sending', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = socketpair()
      own(mine)
      own(peer)
      const full = Buffer.alloc(8_000_000)
      await cancelled(() => loop.createTask(() => loop.sockSendall(mine, full)))
    }, limit))

  it('accepting, after which connections are accepted', () =>
    withinLoop(async ({ loop, own }) => {
      const listening = own(new Socket())
      listening.bind(here)
      listening.listen()
      await cancelled(() => loop.createTask(() => loop.sockAccept(listening)))
      const client = own(new Socket())
      const accepting = loop.createTask(() => loop.sockAccept(listening))
      await loop.sockConnect(client, listening.getsockname() as InetAddress)
      own((await accepting)[0])
    }, limit))

  it('connecting', () =>
    withinLoop(async ({ loop, own }) => {
      const listening = own(new Socket())
      listening.bind(here)
      listening.listen()
      const address = listening.getsockname() as InetAddress
      const began: Socket[] = []
      for (let index = 0; index < count; index++) {
        const sock = own(new Socket())
        began.push(sock)
        const connecting = loop.createTask(() => loop.sockConnect(sock, address))
        if (index % 2 === 0) await sleep(0)
        connecting.cancel()
        // On the loopback interface it may have been quicker.
        await connecting.then(
          () => {},
          (error: unknown) => assert.ok(error instanceof CancelledError),
        )
        began.pop()?.close()
      }
    }, limit))

  it('receiving datagrams', () =>
    withinLoop(async ({ loop, own }) => {
      const sock = own(new Socket({ type: 2 }))
      sock.bind(here)
      await cancelled(() => loop.createTask(() => loop.sockRecvfrom(sock, 100)))
      const sender = own(new Socket({ type: 2 }))
      await loop.sockSendto(sender, 'still there', sock.getsockname())
      assert.equal(String((await loop.sockRecvfrom(sock, 100))[0]), 'still there')
    }, limit))

  it('reading and writing of transports, by abort', () =>
    withinLoop(async ({ loop }) => {
      const bytes = Buffer.alloc(200_000, 7)
      for (let index = 0; index < count; index++) {
        const [one, other] = socketpair()
        const ends: Recorder[] = []
        for (const sock of [one, other]) {
          const [, recorder] = await loop.connectAcceptedSocket(() => new Recorder(loop), sock)
          ends.push(recorder)
        }
        ends[0]!.transport.write(bytes)
        ends[1]!.transport.write(bytes)
        ends[index % 2]!.transport.abort()
        for (const end of ends) {
          end.transport.abort()
          await end.ended()
        }
      }
    }, limit))

  it('polls of readers and writers', () =>
    withinLoop(async ({ loop, own }) => {
      const [mine, peer] = socketpair()
      own(mine)
      own(peer)
      for (let index = 0; index < count; index++) {
        loop.addReader(mine, () => assert.fail('nothing came'))
        if (index % 10 === 0) await sleep(0)
        assert.equal(loop.removeReader(mine), true)
      }
      const readable = loop.createFuture<void>()
      loop.addReader(mine, () => readable.done() || readable.setResult())
      peer.send('x')
      await readable
      loop.removeReader(mine)
    }, limit))
})
