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

/** `struct ucred`: three ints. */
const ucredSize = 12
/** The user of a socket without a peer. */
const nobody = 0xffffffff

/** SO_PEERCRED. @throws NotImplementedError; `EOPNOTSUPP` for other families than Unix, `ENOTCONN` without a peer */
export function peerCredentials(ops: SocketOps, family: number, fd: number): PeerCredentials {
  const { SOL_SOCKET, SO_PEERCRED, AF_UNIX, EOPNOTSUPP, ENOTCONN } = constants
  if (SO_PEERCRED === undefined) {
    throw new NotImplementedError(
      'peerCredentials',
      process.platform,
      'use getsockopt() with the option of your system',
    )
  }
  if (family !== AF_UNIX) {
    throw systemError(-EOPNOTSUPP!, 'getsockopt', { message: 'the system knows the peer of a Unix socket only' })
  }
  const ucred = Buffer.alloc(ucredSize)
  const result = ops.getsockopt(fd, SOL_SOCKET!, SO_PEERCRED, ucred)
  if (result < 0) throw systemError(result, 'getsockopt')
  const peer = { pid: ucred.readInt32LE(0), uid: ucred.readUInt32LE(4), gid: ucred.readUInt32LE(8) }
  if (peer.pid === 0 && peer.uid === nobody) throw systemError(-ENOTCONN!, 'getsockopt')
  return peer
}
