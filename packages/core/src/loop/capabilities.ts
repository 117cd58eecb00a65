/**
 * What each mechanism can do: the one place that `loop.supports()`, the errors' hints and docs/platforms.md are made of.
 */
import type { PollerName, ProactorName } from '../backend/contract.js'
import { type Feature, features } from './features.js'

/** `true`, or why not and what to use instead. */
export type Support = true | string

/** What some releases of a system have, so that the one at hand is asked. */
export interface SomeReleases {
  /** Which ones have it. */
  readonly since: string
  /** What to use instead on the others. */
  readonly otherwise: string
}

/** What a loop can run on, by the names of `LOOP_BACKEND`. */
export type Mechanism = PollerName | ProactorName

type Platform = 'linux' | 'darwin' | 'win32'

/** What an entry speaks of: a mechanism on one platform, a mechanism, a platform, everything; the first that is there counts. */
type Place = `${Platform}.${Mechanism}` | Mechanism | Platform | 'all'

/** What is known of a feature. */
export interface Capability {
  /** For the table's reader. */
  readonly title: string
  /** Where it is supported, or why not. */
  readonly support: Readonly<Partial<Record<Place, Support | SomeReleases>>>
}

/** The mechanisms that work today, by platform. What is missing here exists only as a plan. */
export const mechanisms: Readonly<Partial<Record<Platform, readonly Mechanism[]>>> = {
  linux: ['epoll', 'poll', 'select'],
  darwin: ['kqueue', 'poll', 'select'],
  win32: ['iocp', 'afd', 'select'],
}

// Beside Windows itself for the stand-in of a proactor, which runs elsewhere.
const noRights = 'Windows has no SCM_RIGHTS: let the child inherit them, or connect anew'
const noProcesses = 'not part of this version: use node:child_process beside the loop'
const noSeqpacket = 'Windows has none: use datagrams, or a stream with lengths in front'

const onlyProactor = 'only ProactorEventLoop has them, which newEventLoop() makes on Windows'

const onlySockets = 'Windows tells only of sockets whether they are ready'

const alwaysReady = 'a regular file is always ready and never waits: read it with node:fs'

/** What each mechanism can do: the data behind `loop.supports` and docs/platforms.md. */
export const capabilities: Readonly<Record<Feature, Capability>> = {
  addReader: { title: 'Watch a socket', support: { all: true } },
  'addReader.pipe': { title: 'Watch a pipe or FIFO', support: { all: true, win32: onlySockets } },
  'addReader.characterDevice': {
    title: 'Watch a terminal or another character device',
    support: { all: true, win32: onlySockets },
  },
  fileReadiness: { title: 'Readiness of regular files', support: { all: alwaysReady } },
  sockets: { title: 'Sockets and the sock* methods', support: { all: true } },
  unixSockets: {
    title: 'Unix sockets',
    support: {
      all: true,
      'win32.iocp': {
        since: 'Windows 10 from version 1803 on has them, for streams',
        otherwise: 'this Windows has none: use TCP over 127.0.0.1, or named pipes',
      },
      win32: `${onlyProactor}; or use TCP over 127.0.0.1`,
    },
  },
  unixDatagrams: {
    title: 'Unix datagram sockets',
    support: { all: true, win32: 'Windows has Unix sockets for streams only: use UDP over 127.0.0.1' },
  },
  abstractUnixSockets: {
    title: 'Unix sockets with abstract names',
    support: { linux: true, all: 'only Linux has them: use a path in a folder of your own' },
  },
  seqpacket: {
    title: 'Unix sockets that keep the boundaries of messages (SOCK_SEQPACKET)',
    support: {
      all: true,
      darwin: 'macOS has none: use SOCK_DGRAM, or a stream with lengths in front',
      iocp: noSeqpacket,
      win32: noSeqpacket,
    },
  },
  ancillaryData: {
    title: 'Control messages beside data (sendmsg, recvmsg)',
    support: {
      all: true,
      win32: 'Winsock knows others than Unix, and none of them is known to this version: send it as data',
    },
  },
  passDescriptors: {
    title: 'Passing descriptors (SCM_RIGHTS)',
    support: { all: true, iocp: noRights, win32: noRights },
  },
  peerCredentials: {
    title: 'Who is at the other end of a Unix socket',
    support: {
      linux: true,
      darwin: true,
      all: 'not part of this version: ask for the option of your system with getsockopt()',
    },
  },
  vsock: {
    title: 'Sockets between virtual machines (AF_VSOCK)',
    support: { linux: true, all: "only Linux's are known to this version: use TCP" },
  },
  packetSockets: {
    title: 'Network devices below IP (AF_PACKET)',
    support: { linux: true, all: 'only Linux has them: read the descriptor of /dev/bpf with addReader()' },
  },
  reusePort: {
    title: 'SO_REUSEPORT',
    support: { all: true, win32: 'Windows has none: let one process listen and give the connections to the others' },
  },
  datagram: { title: 'Datagram transports', support: { all: true } },
  packetInfo: {
    title: 'What the system tells of each datagram (packetInfo)',
    support: {
      all: true,
      win32: 'not part of this version: bind an endpoint to each address, to know which one a datagram came to',
    },
  },
  pipes: {
    title: 'Transports for pipes, FIFOs, terminals and character devices',
    support: { 'win32.iocp': true, win32: onlyProactor, all: true },
  },
  namedPipes: {
    title: 'Named pipes of Windows, server and client',
    support: {
      'win32.iocp': true,
      win32: onlyProactor,
      all: 'only Windows has them: use Unix sockets, or FIFOs with connectReadPipe() and connectWritePipe()',
    },
  },
  subprocess: {
    title: 'Subprocesses',
    support: {
      'win32.iocp': true,
      iocp: noProcesses,
      win32: onlyProactor,
      linux: true,
      darwin: true,
      all: noProcesses,
    },
  },
  addSignalHandler: { title: 'Signal handlers of the loop, in the main thread', support: { all: true } },
  sendfile: { title: 'sendfile of transports', support: { all: true } },
  tls: { title: 'TLS', support: { all: true } },
  manyDescriptors: {
    title: 'Descriptors beyond FD_SETSIZE (1024)',
    support: {
      all: true,
      select: 'select() cannot watch them: use DefaultSelector or PollSelector',
      'win32.select': 'select() of Windows watches 512 sockets: use AfdSelector or ProactorEventLoop',
    },
  },
  fineTimers: {
    title: 'Timers finer than a millisecond',
    support: { all: true, win32: 'the finest timers of Windows have half a millisecond' },
  },
}

/**
 * Whether `mechanism` can do `feature`, the hint what to use instead, or which releases of the system can.
 *
 * @param platform of those that have the mechanism; this one if left out
 */
export function supportOf(
  feature: Feature,
  mechanism: Mechanism,
  platform: string = process.platform,
): Support | SomeReleases {
  if (!features.includes(feature)) {
    throw new RangeError(`There is no feature ${String(feature)}; the features are ${features.join(', ')}`)
  }
  const { support } = capabilities[feature]
  for (const place of [`${platform}.${mechanism}`, mechanism, platform, 'all'] as Place[]) {
    const found = support[place]
    if (found !== undefined) return found
  }
  return `not available on ${mechanism}`
}
