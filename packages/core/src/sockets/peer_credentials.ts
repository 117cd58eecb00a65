import type { SocketOps } from '../backend/contract.js'
import { NotImplementedError, systemError } from '../errors/index.js'
import { constants } from './constants.js'

/** Who is at the other end of a Unix connection, as of when it connected or listened. The system vouches for it. */
export interface PeerCredentials {
  /** 0 where it lives in a process namespace that ours cannot see. */
  pid: number
  /** The user's number. */
  uid: number
  /** The group's number. */
  gid: number
}

/** `struct ucred` of Linux: three ints. */
const ucredSize = 12
/** The user of a socket without a peer. */
const nobody = 0xffffffff
/** `struct xucred` of macOS: a version, the user, the number of groups (padded), and sixteen of them. */
const xucredSize = 76
const xucred = { uid: 4, gid: 12 }

/**
 * SO_PEERCRED, or LOCAL_PEERCRED and LOCAL_PEERPID of macOS.
 * @throws NotImplementedError; `EOPNOTSUPP` for other families than Unix, `ENOTCONN` without a peer
 */
export function peerCredentials(ops: SocketOps, family: number, fd: number): PeerCredentials {
  const { SOL_LOCAL, SO_PEERCRED, AF_UNIX, EOPNOTSUPP } = constants
  if (SO_PEERCRED === undefined && SOL_LOCAL === undefined) {
    throw new NotImplementedError(
      'peerCredentials',
      process.platform,
      'use getsockopt() with the option of your system',
    )
  }
  if (family !== AF_UNIX) {
    throw systemError(-EOPNOTSUPP!, 'getsockopt', { message: 'the system knows the peer of a Unix socket only' })
  }
  return SO_PEERCRED === undefined ? fromLocalOptions(ops, fd) : fromUcred(ops, fd)
}

function fromUcred(ops: SocketOps, fd: number): PeerCredentials {
  const { SOL_SOCKET, SO_PEERCRED, ENOTCONN } = constants
  const ucred = getOption(ops, fd, SOL_SOCKET!, SO_PEERCRED!, ucredSize)
  const peer = { pid: ucred.readInt32LE(0), uid: ucred.readUInt32LE(4), gid: ucred.readUInt32LE(8) }
  if (peer.pid === 0 && peer.uid === nobody) throw systemError(-ENOTCONN!, 'getsockopt')
  return peer
}

function fromLocalOptions(ops: SocketOps, fd: number): PeerCredentials {
  const { SOL_LOCAL, LOCAL_PEERCRED, LOCAL_PEERPID } = constants
  const who = getOption(ops, fd, SOL_LOCAL!, LOCAL_PEERCRED!, xucredSize)
  const pid = getOption(ops, fd, SOL_LOCAL!, LOCAL_PEERPID!, 4)
  return { pid: pid.readInt32LE(0), uid: who.readUInt32LE(xucred.uid), gid: who.readUInt32LE(xucred.gid) }
}

function getOption(ops: SocketOps, fd: number, level: number, name: number, size: number): Buffer {
  const value = Buffer.alloc(size)
  const result = ops.getsockopt(fd, level, name, value)
  if (result < 0) throw systemError(result, 'getsockopt')
  return value
}
