import type { InetAddress } from '../backend/contract.js'

/** One answer of `getaddrinfo(3)`. */
export interface AddrInfo {
  family: 'IPv4' | 'IPv6'
  type: number
  proto: number
  canonname: string
  address: InetAddress
}
