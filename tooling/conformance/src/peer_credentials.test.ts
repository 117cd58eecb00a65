// Which process is at the other end of a Unix socket.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Socket, socketpair } from '@loop/core'
import { Recorder, tcpPair, transportAndPeer } from './recorder.js'
import { supports, withinLoop } from './within_loop.js'

const skipPeer = !supports('peerCredentials') && 'this platform does not tell who the peer is'

describe('who is at the other end', () => {
  const me = () => ({ pid: process.pid, uid: process.getuid!(), gid: process.getgid!() })

  it('a Unix socket tells, others do not', { skip: skipPeer }, () =>
    withinLoop(async ({ loop, own }) => {
      const [one] = socketpair().map(own) as [Socket, Socket]
      assert.deepEqual(one.peerCredentials(), me())
      const [tcp] = await tcpPair(loop, own)
      assert.throws(() => tcp.peerCredentials(), { code: /^(ENOTSUP|EOPNOTSUPP)$/ })
    }),
  )

  it("a transport's peercred stays known if it was asked for", { skip: skipPeer }, () =>
    withinLoop(async ({ loop, own }) => {
      const recorder = new Recorder(loop)
      const [transport, peer] = await transportAndPeer(loop, own, recorder)
      assert.deepEqual(transport.getExtraInfo('peercred'), me())
      peer.close()
      await recorder.ended()
      assert.deepEqual(transport.getExtraInfo('peercred'), me())
      const other = new Recorder(loop)
      const [late, latePeer] = await transportAndPeer(loop, own, other)
      latePeer.close()
      await other.ended()
      assert.equal(late.getExtraInfo('peercred', 'unknown'), 'unknown')
      const [tcp] = await tcpPair(loop, own)
      const third = new Recorder(loop)
      const [overTcp] = await loop.connectAcceptedSocket(() => third, tcp)
      assert.equal(overTcp.getExtraInfo('peercred', 'unknown'), 'unknown')
      overTcp.close()
      await third.ended()
    }),
  )
})
