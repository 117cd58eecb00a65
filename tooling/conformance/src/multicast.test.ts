// Multicast groups. What is sent stays on the loopback interface.
import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { describe, it } from 'node:test'
import { constants, type InetAddress, Socket } from '@loop/core'
import { endpoint, nameOf } from './datagram_recorder.js'
import { withinLoop } from './within_loop.js'

const { AF_INET, AF_INET6, AF_UNIX, SOCK_DGRAM } = constants as Record<string, number>

/** The name of the loopback interface. */
const [lo] = Object.entries(networkInterfaces()).find(([, addresses]) => addresses!.some(({ internal }) => internal))!

describe('multicast', {
  skip: process.platform === 'win32' && 'loopback interfaces of Windows take no multicasts',
}, () => {
  it('who has joined a group hears what is sent to it, until it leaves', () =>
    withinLoop(async ({ loop }) => {
      const anywhere: InetAddress = { host: '', port: 0 }
      const receiver = await endpoint(loop, { localAddr: anywhere, family: AF_INET! })
      const sender = await endpoint(loop, { localAddr: { host: '127.0.0.1', port: 0 } })
      const group = { host: '239.255.77.1', port: nameOf(receiver).port }
      const [inbound, outbound] = [receiver, sender].map(({ transport }) => transport.getExtraInfo('socket')!)
      outbound!.setMulticastInterface(lo)
      inbound!.joinGroup(group.host, { interface: lo })
      sender.endpoint.sendto('to the group', group)
      assert.deepEqual(await receiver.arrived(1), ['to the group'])
      inbound!.leaveGroup(group.host, { interface: lo })
      sender.endpoint.sendto('to nobody', group)
      sender.endpoint.sendto('to it alone', { host: '127.0.0.1', port: group.port })
      assert.deepEqual(await receiver.arrived(2), ['to the group', 'to it alone'])
      assert.deepEqual(sender.errors, [])
      await sender.close()
      await receiver.close()
    }))

  it('a source can be the only one to be heard', () =>
    withinLoop(async ({ loop }) => {
      const receiver = await endpoint(loop, { localAddr: { host: '', port: 0 }, family: AF_INET! })
      const group = { host: '232.77.77.1', port: nameOf(receiver).port }
      const senders = []
      for (const host of ['127.0.0.1', '127.0.0.2']) {
        const sender = await endpoint(loop, { localAddr: { host, port: 0 } })
        sender.transport.getExtraInfo('socket')!.setMulticastInterface(lo)
        senders.push(sender)
      }
      const socket = receiver.transport.getExtraInfo('socket')!
      socket.joinGroup(group.host, { interface: lo, source: '127.0.0.2' })
      for (const [index, sender] of senders.entries()) sender.endpoint.sendto(`from ${index + 1}`, group)
      assert.deepEqual(await receiver.arrived(1), ['from 2'])
      socket.leaveGroup(group.host, { interface: lo, source: '127.0.0.2' })
      for (const sender of senders) await sender.close()
      await receiver.close()
    }))

  it('groups of IPv6 are joined and left, by the name of an interface or its number', () =>
    withinLoop(async ({ own }) => {
      const sock = own(new Socket({ family: AF_INET6!, type: SOCK_DGRAM! }))
      sock.joinGroup('ff11::77', { interface: lo })
      assert.throws(() => sock.joinGroup('ff11::77', { interface: lo }), { code: 'EADDRINUSE' })
      sock.leaveGroup('ff11::77', { interface: lo })
      assert.throws(() => sock.leaveGroup('ff11::77', { interface: lo }), { code: 'EADDRNOTAVAIL' })
      sock.setMulticastInterface(lo)
      const index = sock.getsockopt('IPPROTO_IPV6', 'IPV6_MULTICAST_IF')
      assert.ok(index > 0)
      sock.joinGroup('ff11::77', { interface: index })
      sock.leaveGroup('ff11::77', { interface: lo })
    }))

  it('what is wrong is said at the call', () =>
    withinLoop(async ({ own }) => {
      const sock = own(new Socket({ type: SOCK_DGRAM! }))
      assert.throws(() => sock.joinGroup('239.1.1.1', { interface: 'no-such-interface' }), {
        code: 'ENODEV',
        message: /no interface 'no-such-interface'/,
      })
      assert.throws(() => sock.joinGroup('127.0.0.1'), { code: 'EINVAL', address: '127.0.0.1' })
      for (const bad of ['', 'group', 'ff11::77']) assert.throws(() => sock.joinGroup(bad), RangeError)
      assert.throws(() => sock.joinGroup(1 as never), TypeError)
      assert.throws(() => sock.joinGroup('239.1.1.1', { interface: -1 }), RangeError)
      assert.throws(() => sock.joinGroup('239.1.1.1', { interface: {} as never }), TypeError)
      assert.throws(() => sock.joinGroup('239.1.1.1', { source: 'name' }), RangeError)
      const unix = own(new Socket({ family: AF_UNIX!, type: SOCK_DGRAM! }))
      assert.throws(() => unix.joinGroup('239.1.1.1'), { name: 'RangeError', message: /IPv4 and IPv6/ })
      assert.throws(() => unix.setMulticastInterface(lo), RangeError)
    }))
})
