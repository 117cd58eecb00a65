import { type ConnectionOptions, constants, type EventLoop, type UnixConnectionOptions } from '@loop/core'
import type { LoopSocketOptions } from './loop_socket.js'

/**
 * Those of `loop.createConnection` or `loop.createUnixConnection` (with `path`). `http.Agent` and others give the options
 * of `net.connect`, which mean the same here: `hostname`, `servername`, `localAddress`, `localPort`, `family: 4 | 6`,
 * `noDelay`, `keepAlive`, `keepAliveInitialDelay` and `timeout`; what else they give is not looked at.
 */
export interface ConnectOptions extends ConnectionOptions, UnixConnectionOptions, LoopSocketOptions {
  /** The loop to connect on; the running one. */
  loop?: EventLoop | undefined
  /** Goes before `host`. */
  hostname?: string | null | undefined
  /** `serverHostname`, where `ssl` is given. */
  servername?: string | null | undefined
  /** `localAddr.host`. */
  localAddress?: string | null | undefined
  /** `localAddr.port`. */
  localPort?: number | null | undefined
  /** That of `setNoDelay`. */
  noDelay?: boolean | undefined
  /** That of `setKeepAlive`. */
  keepAlive?: boolean | undefined
  /** Milliseconds of silence before the first probe. */
  keepAliveInitialDelay?: number | undefined
  /** Milliseconds; that of `setTimeout`. */
  timeout?: number | undefined
}

/** What the loop is asked for. */
export function loopOptions(options: ConnectOptions): { tcp: ConnectionOptions } | { unix: UnixConnectionOptions } {
  const { ssl, sslHandshakeTimeout, sslShutdownTimeout, signal, sock } = options
  const serverHostname = ssl ? (options.serverHostname ?? hostNameOf(options)) : options.serverHostname
  const both = { ssl, serverHostname, sslHandshakeTimeout, sslShutdownTimeout, signal, sock }
  if (options.path != null) return { unix: { ...both, path: options.path } }
  if (sock != null) return { tcp: both }
  const { port, proto, flags, happyEyeballsDelay, interleave, allErrors } = options
  return {
    tcp: {
      ...both,
      host: options.hostname ?? options.host ?? 'localhost',
      port,
      proto,
      flags,
      happyEyeballsDelay,
      interleave,
      allErrors,
      family: familyOf(options.family),
      localAddr: localAddressOf(options),
    },
  }
}

/** Undefined leaves it to the loop, which takes the host. */
function hostNameOf({ servername, path, hostname, host }: ConnectOptions): string | undefined {
  // http.Agent gives an empty one for addresses, which are no server names.
  if (servername != null && servername !== '') return servername
  // Over a Unix socket the loop knows of no host.
  return path == null ? undefined : (hostname ?? host ?? undefined)
}

function familyOf(family: number | undefined): number | undefined {
  if (family === 4) return constants['AF_INET']
  return family === 6 ? constants['AF_INET6'] : family
}

function localAddressOf({
  localAddr,
  localAddress,
  localPort,
  family,
}: ConnectOptions): ConnectionOptions['localAddr'] {
  if (localAddr != null || (localAddress == null && localPort == null)) return localAddr
  return { host: localAddress ?? (family === 6 ? '::' : '0.0.0.0'), port: localPort ?? 0 }
}
