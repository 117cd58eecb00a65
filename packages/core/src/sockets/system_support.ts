import { NotImplementedError } from '../errors/index.js'
import type { Feature } from '../loop/features.js'
import { supportHere } from '../loop/support_here.js'

/**
 * For what depends on the system and not on the loop, of which a socket has none.
 * @throws NotImplementedError, which says what to use instead, where sockets cannot do `feature`
 */
export function systemMustSupport(feature: Feature): void {
  // The mechanism that every system has.
  const support = supportHere(feature, 'select')
  if (support !== true) throw new NotImplementedError(feature, process.platform, support)
}
