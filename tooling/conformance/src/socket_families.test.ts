// Sockets of families that Node does not have: virtual machines, network devices, raw IP.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import {
  constants,
  type InetAddress,
  isSystemError,
  newEventLoop,
  type PacketAddress,
  Socket,
  type VsockAddress,
} from '@loop/core'
import { Recorder } from './recorder.js'
import { withinLoop } from './within_loop.js'

const probe = newEventLoop()
const supports = { vsock: probe.supports('vsock'), packet: probe.supports('packetSockets') }
probe.close()

/** A reason why sockets of this kind cannot be tested here. */
function unavailable(options: { family: number; type: number; proto?: number }): string | false {
  try {
    new Socket(options).close()
    return false
  } catch (error) {
    if (isSystemError(error)) return `this process may not have such a socket: ${error.code}`
    throw error
  }
}

const { AF_VSOCK, AF_PACKET, AF_INET, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, IPPROTO_ICMP } = constants as {
  [name: string]: number
} & Record<'AF_VSOCK' | 'AF_PACKET' | 'AF_INET' | 'SOCK_STREAM' | 'SOCK_DGRAM' | 'SOCK_RAW' | 'IPPROTO_ICMP', number>
const { VMADDR_CID_ANY, VMADDR_CID_LOCAL, VMADDR_PORT_ANY } = constants as Record<string, number>

const noVsock = supports.vsock
  ? unavailable({ family: AF_VSOCK, type: SOCK_STREAM })
  : 'this platform has no sockets between virtual machines'
const noLocalVsock =
  noVsock || (!existsSync('/sys/module/vsock_loopback') && 'this kernel has no local vsock transport')

describe('AF_VSOCK', () => {
  const any = { cid: VMADDR_CID_ANY!, port: VMADDR_PORT_ANY! }

  it('addresses are a machine and a port', { skip: noVsock }, () =>
    withinLoop(async ({ own }) => {
      const sock = own(new Socket({ family: AF_VSOCK, type: SOCK_STREAM }))
      sock.bind(any)
      const { cid, port } = sock.getsockname() as VsockAddress
      assert.equal(cid, VMADDR_CID_ANY)
      assert.ok(port > 0 && port < VMADDR_PORT_ANY!)
      const other = own(new Socket({ family: AF_VSOCK, type: SOCK_STREAM }))
      assert.throws(() => other.bind({ cid, port }), { code: 'EADDRINUSE', syscall: 'bind' })
      for (const wrong of ['name', null, 1, { cid: '1', port: 1 }, { cid: 1 }, { host: '127.0.0.1', port: 1 }])
        assert.throws(() => other.bind(wrong as never), TypeError)
      for (const wrong of [
        { cid: -1, port: 1 },
        { cid: 1, port: 2 ** 32 },
        { cid: 1.5, port: 1 },
      ])
        assert.throws(() => other.bind(wrong), RangeError)
    }),
  )

  it('a server listens', { skip: noVsock }, () =>
    withinLoop(async ({ loop }) => {
      const sock = new Socket({ family: AF_VSOCK, type: SOCK_STREAM })
      sock.bind(any)
      const server = await loop.createServer(() => new Recorder(loop), { sock })
      assert.equal((server.sockets[0]!.getsockname() as VsockAddress).cid, VMADDR_CID_ANY)
      server.close()
    }),
  )

  it('a connection over the machine itself', { skip: noLocalVsock }, () =>
    withinLoop(async ({ loop, own }) => {
      const sock = new Socket({ family: AF_VSOCK, type: SOCK_STREAM })
      sock.bind({ cid: VMADDR_CID_LOCAL!, port: VMADDR_PORT_ANY! })
      const accepted = loop.createFuture<[Recorder]>()
      const factory = () => {
        const recorder = new Recorder(loop)
        accepted.setResult([recorder])
        return recorder
      }
      const server = await loop.createServer(factory, { sock })
      const client = own(new Socket({ family: AF_VSOCK, type: SOCK_STREAM }))
      await loop.sockConnect(client, server.sockets[0]!.getsockname())
      await loop.sockSendall(client, 'hello')
      const [recorder] = await accepted
      await recorder.until(() => recorder.text === 'hello')
      assert.equal((recorder.transport.getExtraInfo('peername') as VsockAddress).cid, VMADDR_CID_LOCAL)
      client.close()
      await recorder.ended()
      server.close()
    }),
  )
})

describe('AF_PACKET', () => {
  const skip = supports.packet
    ? unavailable({ family: AF_PACKET, type: SOCK_DGRAM })
    : 'this platform has no sockets of network devices'

  it('what goes over a device, and over which', { skip }, () =>
    withinLoop(async ({ loop, own }) => {
      const sock = own(new Socket({ family: AF_PACKET, type: SOCK_DGRAM }))
      sock.bind({ interface: 'lo', protocol: constants['ETH_P_IP']! })
      const name = sock.getsockname() as PacketAddress
      assert.deepEqual([name.interface, name.protocol], ['lo', constants['ETH_P_IP']])
      assert.equal(name.hwaddr?.length, 6)
      const udp = own(new Socket({ family: AF_INET, type: SOCK_DGRAM }))
      udp.bind({ host: '127.0.0.1', port: 0 })
      const { port } = udp.getsockname() as InetAddress
      const mark = `seen below IP ${process.pid} ${Math.random()}`
      udp.sendto(mark, { host: '127.0.0.1', port })
      for (;;) {
        const [packet, from] = (await loop.sockRecvfrom(sock, 65536)) as [Buffer, PacketAddress]
        if (!packet.includes(mark)) continue
        // An IPv4 header, then UDP's ports.
        assert.equal(packet[0]! >> 4, 4)
        assert.equal(packet.readUInt16BE((packet[0]! & 15) * 4), port)
        assert.deepEqual([from.interface, from.protocol], ['lo', constants['ETH_P_IP']])
        assert.ok([constants['PACKET_HOST'], constants['PACKET_OUTGOING']].includes(from.pkttype))
        break
      }
      assert.equal(String(udp.recv(100)), mark)
    }),
  )

  it('addresses that cannot be', { skip }, () =>
    withinLoop(async ({ own }) => {
      const sock = own(new Socket({ family: AF_PACKET, type: SOCK_RAW }))
      assert.throws(() => sock.bind({ interface: 'no-such-device' }), {
        code: /ENODEV|ENXIO/,
        syscall: 'if_nametoindex',
      })
      assert.throws(() => sock.bind({ interface: 2 ** 30 }), { code: 'ENODEV' })
      for (const wrong of ['lo', { protocol: 3 }, { interface: 0, protocol: 'ip' }, { interface: 0, hwaddr: 'x' }])
        assert.throws(() => sock.bind(wrong as never), TypeError)
      for (const wrong of [
        { interface: -1 },
        { interface: 0, protocol: 65536 },
        { interface: 0, hwaddr: Buffer.alloc(9) },
      ])
        assert.throws(() => sock.bind(wrong), RangeError)
    }),
  )
})

describe('raw IP', () => {
  it('a ping of this machine', { skip: unavailable({ family: AF_INET, type: SOCK_RAW, proto: IPPROTO_ICMP }) }, () =>
    withinLoop(async ({ loop, own }) => {
      const sock = own(new Socket({ family: AF_INET, type: SOCK_RAW, proto: IPPROTO_ICMP }))
      const request = Buffer.alloc(16)
      request[0] = 8 // echo
      request.writeUInt16BE(process.pid & 0xffff, 4)
      request.write('mark', 8)
      let sum = 0
      for (let at = 0; at < request.length; at += 2) sum += request.readUInt16BE(at)
      request.writeUInt16BE(~((sum & 0xffff) + (sum >> 16)) & 0xffff, 2)
      await loop.sockSendto(sock, request, { host: '127.0.0.1', port: 0 })
      for (;;) {
        const [packet, from] = (await loop.sockRecvfrom(sock, 1000)) as [Buffer, InetAddress]
        const reply = packet.subarray((packet[0]! & 15) * 4)
        if (reply[0] !== 0 || !reply.subarray(4).equals(request.subarray(4))) continue
        assert.equal(from.host, '127.0.0.1')
        break
      }
    }),
  )
})
