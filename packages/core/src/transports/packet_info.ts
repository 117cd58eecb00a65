import {
  INCOMING_DESTINATION,
  INCOMING_DESTINATION_SIZE,
  INCOMING_DROPPED,
  INCOMING_HEAD,
  INCOMING_INTERFACE,
  INCOMING_KNOWN,
  INCOMING_NANOSECONDS,
  INCOMING_SECONDS,
  INCOMING_TOS,
  type InetAddress,
  KNOWN_DESTINATION,
  KNOWN_DROPPED,
  KNOWN_TIME,
  KNOWN_TOS,
} from '../backend/contract.js'
import type { AddressBook } from '../sockets/address_book.js'
import { constants } from '../sockets/constants.js'
import type { Socket } from '../sockets/socket.js'

/** What the system tells of one received datagram, as far as it does: Unix sockets know nothing of it. */
export interface PacketInfo {
  /** The address it was sent to: one of this machine's, a group, or the broadcast address. `IP_PKTINFO`. */
  destination?: string
  /** The number of the interface on which it came. */
  interface?: number
  /** The type of service of IPv4, the traffic class of IPv6: DSCP and ECN. `IP_RECVTOS`, `IPV6_RECVTCLASS`. */
  tos?: number
  /** When it came, in milliseconds since the epoch with a fraction. `SO_TIMESTAMPNS`. */
  timestamp?: number
  /** How many datagrams this socket has lost so far because its receive buffer was full. `SO_RXQ_OVFL`, Linux. */
  dropped?: number
}

/** Asks the system to tell of each datagram; what one system or family does not know is left out. */
export function askForPacketInfo(sock: Socket): void {
  ask(sock, 'SOL_SOCKET', 'SO_TIMESTAMPNS' in constants ? 'SO_TIMESTAMPNS' : 'SO_TIMESTAMP')
  ask(sock, 'SOL_SOCKET', 'SO_RXQ_OVFL')
  // An IPv6 socket may receive over IPv4 too.
  ask(sock, 'IPPROTO_IP', 'IP_PKTINFO')
  ask(sock, 'IPPROTO_IP', 'IP_RECVTOS')
  ask(sock, 'IPPROTO_IPV6', 'IPV6_RECVPKTINFO')
  ask(sock, 'IPPROTO_IPV6', 'IPV6_RECVTCLASS')
}

const on = new Uint8Array(Int32Array.of(1).buffer)

function ask(sock: Socket, level: string, name: string): void {
  const number = constants[name]
  if (number !== undefined) sock._ops.setsockopt(sock.fileno(), constants[level]!, number, on)
}

/** Of the datagram whose head is number `index`. */
export function packetInfo(slab: Buffer, words: Int32Array, index: number, book: AddressBook): PacketInfo {
  const info: PacketInfo = {}
  const head = (index * INCOMING_HEAD) / Int32Array.BYTES_PER_ELEMENT
  const known = words[head + INCOMING_KNOWN]!
  if ((known & KNOWN_DESTINATION) !== 0) {
    const size = words[head + INCOMING_DESTINATION_SIZE]!
    info.destination = (book.unpack(slab, index * INCOMING_HEAD + INCOMING_DESTINATION, size) as InetAddress).host
    info.interface = words[head + INCOMING_INTERFACE]!
  }
  if ((known & KNOWN_TOS) !== 0) info.tos = words[head + INCOMING_TOS]!
  if ((known & KNOWN_TIME) !== 0)
    info.timestamp = (words[head + INCOMING_SECONDS]! >>> 0) * 1000 + words[head + INCOMING_NANOSECONDS]! / 1e6
  // The system says nothing as long as there is nothing to say.
  if ('SO_RXQ_OVFL' in constants)
    info.dropped = (known & KNOWN_DROPPED) !== 0 ? words[head + INCOMING_DROPPED]! >>> 0 : 0
  return info
}
