import { constants } from '../sockets/constants.js'

/** A type of socket with its protocol, and what services call the protocol. */
export interface Kind {
  readonly type: number
  readonly proto: number
  /** Empty for those that have no services. */
  readonly service: 'tcp' | 'udp' | ''
}

/**
 * What getaddrinfo(3) answers for these hints: one entry for each type of socket that fits; none if nothing does.
 * 0 stands for any. A raw socket fits every protocol, because the protocol is the program's affair there.
 */
export function kindsFor(type: number, proto: number): Kind[] {
  const { SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP } = constants
  const common: Kind[] = [
    { type: SOCK_STREAM!, proto: IPPROTO_TCP!, service: 'tcp' },
    { type: SOCK_DGRAM!, proto: IPPROTO_UDP!, service: 'udp' },
  ]
  if (type === SOCK_RAW) return [{ type, proto, service: '' }]
  if (type === 0 && proto === 0) return [...common, { type: SOCK_RAW!, proto: 0, service: '' }]
  const others: Kind[] =
    IPPROTO_SCTP === undefined
      ? []
      : [
          { type: SOCK_STREAM!, proto: IPPROTO_SCTP, service: '' },
          { type: SOCK_SEQPACKET!, proto: IPPROTO_SCTP, service: '' },
        ]
  const fits = (kind: Kind) => (type === 0 || kind.type === type) && (proto === 0 || kind.proto === proto)
  return [...common, ...others].filter(fits).slice(0, 1)
}
