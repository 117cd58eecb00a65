/** How datagrams lie in the memory that core and a backend share: one system call receives or sends many of them. */

/**
 * The memory that `recvmmsg` fills, in bytes: one head for each datagram, then the datagrams, each in room of the size that
 * was asked for and a gap. A head is its words (indices below) and the addresses as the system writes them.
 */
export const INCOMING_MAX = 32
/** Bytes of a head. */
export const INCOMING_HEAD = 256
/** Where the datagrams begin. */
export const INCOMING_DATA = INCOMING_MAX * INCOMING_HEAD
/** Bytes that are left free behind the room of each datagram. */
export const INCOMING_GAP = 64
/** Bytes of the datagram. */
export const INCOMING_LENGTH = 0
/** `MSG_*`. */
export const INCOMING_FLAGS = 1
/** Bytes of the address it came from. */
export const INCOMING_SOURCE_SIZE = 2
/** Bytes of each datagram where the system joined several into this one (UDP_GRO), else 0. */
export const INCOMING_SEGMENT = 3
/** Which of the following are known: the KNOWN_* bits. */
export const INCOMING_KNOWN = 4
/** The index of the interface it came through. */
export const INCOMING_INTERFACE = 5
/** Bytes of the address it was sent to. */
export const INCOMING_DESTINATION_SIZE = 6
/** IP_TOS or IPV6_TCLASS. */
export const INCOMING_TOS = 7
/** How many datagrams the socket has lost, SO_RXQ_OVFL. */
export const INCOMING_DROPPED = 8
/** When the system received it, in seconds since 1970. */
export const INCOMING_SECONDS = 9
/** The fraction of that. */
export const INCOMING_NANOSECONDS = 10
/** Where in the head the address is that it came from, in bytes. */
export const INCOMING_SOURCE = 64
/** As `INCOMING_SOURCE`, of the address it was sent to. */
export const INCOMING_DESTINATION = 192

/** Where it was sent to, and the interface. */
export const KNOWN_DESTINATION = 1
/** `INCOMING_TOS`. */
export const KNOWN_TOS = 2
/** `INCOMING_DROPPED`. */
export const KNOWN_DROPPED = 4
/** `INCOMING_SECONDS` and `INCOMING_NANOSECONDS`. */
export const KNOWN_TIME = 8

/**
 * The memory that `sendmmsg` takes, in bytes: a word for an error, heads of four words each, addresses, and the datagrams.
 * The error is `-errno` of the datagram at which it stopped after others had left; 0 where the system does not tell, and the
 * next call will.
 */
export const OUTGOING_MAX = 64
/** Where the error is. */
export const OUTGOING_ERROR = 0
/** Where the heads begin. */
export const OUTGOING_HEADS = 16
/** Bytes of a head. */
export const OUTGOING_HEAD = 16
/** Where the addresses begin. */
export const OUTGOING_ADDRESSES = OUTGOING_HEADS + OUTGOING_MAX * OUTGOING_HEAD
/** Bytes that an address has. */
export const ADDRESS_ROOM = 128
/** Where the datagrams begin. */
export const OUTGOING_DATA = OUTGOING_ADDRESSES + OUTGOING_MAX * ADDRESS_ROOM
/** Where the datagram begins, from `OUTGOING_DATA` on. */
export const OUTGOING_OFFSET = 0
/** Bytes of the datagram. */
export const OUTGOING_LENGTH = 1
/** Which of the addresses; -1 on a connected socket. */
export const OUTGOING_ADDRESS = 2
/** Bytes of the address. */
export const OUTGOING_ADDRESS_SIZE = 3
