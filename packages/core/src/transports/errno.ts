/** What the negative results of native calls mean to a transport. */
import { errno } from '../errors/errno.js'

/** The call would have had to wait, or a signal came in between: the next event tries again. */
export function isTransient(result: number): boolean {
  return result === -errno.EAGAIN || result === -errno.EINTR || result === -errno.EWOULDBLOCK
}

const exhausted = new Set([-errno.EMFILE, -errno.ENFILE, -errno.ENOBUFS, -errno.ENOMEM])

/** The process or the system is out of descriptors or memory: trying again at once would spin. */
export function isExhaustion(result: number): boolean {
  return exhausted.has(result)
}

/**
 * accept(2) hands out errors that were pending on the new connection, which is gone with them. The listening socket is
 * none the worse. EPERM is a firewall's refusal.
 */
const lostBeforeAccept = new Set([
  -errno.ECONNABORTED,
  -errno.ECONNRESET,
  -errno.EPROTO,
  -errno.ENETDOWN,
  -errno.ENETUNREACH,
  -errno.EHOSTUNREACH,
  -errno.ENOPROTOOPT,
  -errno.ETIMEDOUT,
  -errno.EPERM,
])

/** The connection ended before it was accepted; the next one may be fine. */
export function isLostConnection(result: number): boolean {
  return lostBeforeAccept.has(result)
}
