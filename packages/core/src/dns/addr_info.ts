import type { InetAddress } from '../backend/contract.js'

/** One answer of `getaddrinfo(3)`. */
export interface AddrInfo {
  /** Which version of IP. */
  family: 'IPv4' | 'IPv6'
  /** `SOCK_STREAM`, ... of `constants`. */
  type: number
  /** `IPPROTO_TCP`, ... of `constants`. */
  proto: number
  /** The canonical name, where it was asked for with `AI_CANONNAME`; else empty. */
  canonname: string
  /** What to connect or bind to. */
  address: InetAddress
}
