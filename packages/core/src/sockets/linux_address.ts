/**
 * Addresses of Linux's own families, which the native functions pass as the bytes of their structure after the family:
 * `sockaddr_vm` (vsock(7)) and `sockaddr_ll` (packet(7)).
 */
import { inspect } from 'node:util'
import type { Address, PacketAddress, SocketOps, VsockAddress } from '../backend/contract.js'
import { currentBackend } from '../backend/load.js'
import { systemError } from '../errors/index.js'
import { constants } from './constants.js'

/** How the addresses of a family are given and shown. */
interface Codec {
  pack(address: unknown): Uint8Array
  unpack(bytes: Buffer): Address
}

const vsock: Codec = {
  pack(address) {
    const { cid, port } = objectOf(address, '{ cid, port }') as Partial<VsockAddress>
    const bytes = Buffer.alloc(14)
    bytes.writeUInt32LE(unsigned(port, 'port', 32), 2)
    bytes.writeUInt32LE(unsigned(cid, 'cid', 32), 6)
    return bytes
  },
  unpack: (bytes) => ({ cid: bytes.readUInt32LE(6), port: bytes.readUInt32LE(2) }),
}

const packet: Codec = {
  pack(address) {
    const given = objectOf(address, '{ interface, protocol? }') as Partial<PacketAddress>
    const { protocol = 0, hatype = 0, pkttype = 0, hwaddr = new Uint8Array(0) } = given
    if (!(hwaddr instanceof Uint8Array)) throw new TypeError(`hwaddr must be a Uint8Array, not ${inspect(hwaddr)}`)
    if (hwaddr.length > 8) throw new RangeError(`hwaddr may have at most 8 bytes, this one has ${hwaddr.length}`)
    const bytes = Buffer.alloc(18)
    // The only number in the network's order.
    bytes.writeUInt16BE(unsigned(protocol, 'protocol', 16), 0)
    bytes.writeUInt32LE(interfaceIndex(given.interface), 2)
    bytes.writeUInt16LE(unsigned(hatype, 'hatype', 16), 6)
    bytes.writeUInt8(unsigned(pkttype, 'pkttype', 8), 8)
    bytes.writeUInt8(hwaddr.length, 9)
    bytes.set(hwaddr, 10)
    return bytes
  },
  unpack(bytes) {
    const index = bytes.readUInt32LE(2)
    return {
      // A device that has gone has no name any more.
      interface: ops().ifIndexToName(index) ?? index,
      protocol: bytes.readUInt16BE(0),
      pkttype: bytes.readUInt8(8),
      hatype: bytes.readUInt16LE(6),
      hwaddr: bytes.subarray(10, Math.min(bytes.length, 10 + bytes.readUInt8(9))),
    }
  },
}

function codecOf(family: number): Codec | undefined {
  const { AF_VSOCK, AF_PACKET } = constants
  return family === AF_VSOCK ? vsock : family === AF_PACKET ? packet : undefined
}

/**
 * The bytes of an address of Linux's own families; undefined for other families.
 * @throws TypeError, RangeError for one that cannot be; `ENODEV` for a device that is not there
 */
export function packed(family: number, address: unknown): Uint8Array | undefined {
  return codecOf(family)?.pack(address)
}

/** An address from a native function, as the user sees it. */
export function presented(family: number, address: Address): Address {
  if (!(address instanceof Uint8Array)) return address
  return codecOf(family)?.unpack(address) ?? address
}

function objectOf(address: unknown, shape: string): object {
  if (typeof address === 'object' && address !== null) return address
  throw new TypeError(`An address of this family is an object ${shape}, not ${inspect(address)}`)
}

function unsigned(value: unknown, what: string, bits: number): number {
  if (typeof value !== 'number') throw new TypeError(`${what} must be a number, not ${inspect(value)}`)
  if (Number.isInteger(value) && value >= 0 && value < 2 ** bits) return value
  throw new RangeError(`${what} must be an integer of ${bits} bits, not ${value}`)
}

function interfaceIndex(device: unknown): number {
  if (typeof device !== 'string') return unsigned(device, 'interface', 31)
  const index = ops().ifNameToIndex(device)
  if (index < 0)
    throw systemError(index, 'if_nametoindex', { message: `there is no network device ${inspect(device)}` })
  return index
}

function ops(): SocketOps {
  return currentBackend().sockets
}
