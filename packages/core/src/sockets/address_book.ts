import { endianness } from 'node:os'
import { ADDRESS_ROOM, type Address, type InetAddress, type SocketOps } from '../backend/contract.js'
import { isInet, type NativeAddress, numericAddress } from './address.js'
import { constants } from './constants.js'
import { presented } from './linux_address.js'

/** An address as the system takes it. */
export interface PackedAddress {
  readonly bytes: Uint8Array
  /** What it was made of. */
  readonly address: NativeAddress
}

/** Above this it starts again: who talks to more peers than this pays for making addresses anew, not with memory. */
const mostEntries = 4096

const littleEndian = endianness() === 'LE'

/**
 * Translates the addresses of one family between the user's form and the system's. Most datagrams go to, and come from,
 * few places, and to translate one costs as much as to send it, so what was translated is remembered.
 */
export class AddressBook {
  readonly #ops: SocketOps
  readonly #family: number
  /** Asked for each datagram, and a constant's name costs a look-up. */
  readonly #isInet: boolean
  readonly #isInet4: boolean
  readonly #packed = new Map<string, Map<number, PackedAddress>>()
  #packedCount = 0
  readonly #hosts = new Map<number | string, string>()

  constructor(ops: SocketOps, family: number) {
    this.#ops = ops
    this.#family = family
    this.#isInet = isInet(family)
    this.#isInet4 = family === constants['AF_INET']
  }

  /**
   * The system's form of `address`, or -errno: a path that is too long, a host that cannot be an address after all.
   * @throws TypeError, RangeError for what is no address of the family, or needs a resolver
   */
  pack(address: Address): PackedAddress | number {
    if (typeof address === 'string') return this.#lookUp(address, 0, address)
    const { host, port, flowinfo, scopeid } = (address ?? {}) as Partial<InetAddress>
    // What is not of the usual shape is not looked up, and checked as a whole.
    if (typeof host !== 'string' || typeof port !== 'number' || flowinfo || scopeid) return this.#pack(address)
    return this.#lookUp(host, port, address)
  }

  #lookUp(name: string, port: number, address: Address): PackedAddress | number {
    const known = this.#packed.get(name)?.get(port)
    if (known !== undefined) return known
    const packed = this.#pack(address)
    // An interface by its name may be another one the next time.
    if (typeof packed !== 'number' && !name.includes('%')) this.#remember(name, port, packed)
    return packed
  }

  #pack(address: Address): PackedAddress | number {
    const native = numericAddress(this.#family, address)
    const bytes = new Uint8Array(ADDRESS_ROOM)
    const size = this.#ops.packAddress(this.#family, native, bytes)
    return size < 0 ? size : { bytes: bytes.slice(0, size), address: native }
  }

  #remember(name: string, port: number, packed: PackedAddress): void {
    if (this.#packedCount++ === mostEntries) {
      this.#packed.clear()
      this.#packedCount = 1
    }
    const ports = this.#packed.get(name)
    if (ports === undefined) this.#packed.set(name, new Map([[port, packed]]))
    else ports.set(port, packed)
  }

  /** The user's form of the `size` bytes at `offset` of `slab`, in an object of its own. */
  unpack(slab: Buffer, offset: number, size: number): Address {
    if (!this.#isInet || size === 0) return presented(this.#family, this.#ops.unpackAddress(slab, offset, size))
    // In network order on every system, behind the family.
    const port = (slab[offset + 2]! << 8) | slab[offset + 3]!
    if (this.#isInet4) return { host: this.#host4(slab, offset), port, family: 'IPv4' }
    const flowinfo = slab.readUInt32BE(offset + 4)
    // The one number that the system keeps in its own order.
    const scopeid = littleEndian ? slab.readUInt32LE(offset + 24) : slab.readUInt32BE(offset + 24)
    return { host: this.#host6(slab, offset, size), port, family: 'IPv6', flowinfo, scopeid }
  }

  #host4(slab: Buffer, offset: number): string {
    const number = slab.readInt32BE(offset + 4)
    const known = this.#hosts.get(number)
    if (known !== undefined) return known
    const host = `${slab[offset + 4]}.${slab[offset + 5]}.${slab[offset + 6]}.${slab[offset + 7]}`
    return this.#rememberHost(number, host)
  }

  #host6(slab: Buffer, offset: number, size: number): string {
    const key = slab.toString('latin1', offset + 8, offset + 24)
    const known = this.#hosts.get(key)
    if (known !== undefined) return known
    return this.#rememberHost(key, (this.#ops.unpackAddress(slab, offset, size) as InetAddress).host)
  }

  #rememberHost(key: number | string, host: string): string {
    if (this.#hosts.size === mostEntries) this.#hosts.clear()
    this.#hosts.set(key, host)
    return host
  }
}
