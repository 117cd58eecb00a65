import { currentBackend } from '../backend/load.js'
import { constants } from '../sockets/constants.js'
import { type Mechanism, type Support, supportOf } from './capabilities.js'
import type { Feature } from './features.js'

/** How the system at hand is asked for what only some of its releases have. */
const probes: Readonly<Partial<Record<Feature, () => boolean>>> = { unixSockets: hasUnixSockets }

/** A system does not change while a program runs. */
const answers = new Map<Feature, boolean>()

/** As `supportOf`, for the system at hand: what only some of its releases have is asked of it. */
export function supportHere(feature: Feature, mechanism: Mechanism): Support {
  const support = supportOf(feature, mechanism)
  if (typeof support !== 'object') return support
  let has = answers.get(feature)
  if (has === undefined) {
    has = probes[feature]?.() ?? false
    answers.set(feature, has)
  }
  return has || support.otherwise
}

function hasUnixSockets(): boolean {
  const { sockets } = currentBackend()
  const fd = sockets.socket(constants['AF_UNIX']!, constants['SOCK_STREAM']!, 0)
  if (fd < 0) return false
  sockets.close(fd)
  return true
}
