import { getSystemErrorMap } from 'node:util'
import type { SystemError } from '../errors/index.js'

export type ResolverErrorCode = 'ENOTFOUND' | 'EAI_ADDRFAMILY' | 'EAI_SERVICE' | 'EAI_SOCKTYPE' | 'EAI_FAMILY'

/** An answer that needs no resolver, in the shape in which Node gives the resolver's. */
export function resolverError(
  code: ResolverErrorCode,
  syscall: 'getaddrinfo' | 'getnameinfo',
  hostname: string | null,
  why: string,
): SystemError & { hostname?: string } {
  const error = new Error(`${syscall} ${code}${hostname === null ? '' : ` ${hostname}`}: ${why}`) as SystemError & {
    hostname?: string
  }
  error.code = code
  error.errno = numberOf(code)
  error.syscall = syscall
  if (hostname !== null) error.hostname = hostname
  return error
}

/** Node says ENOTFOUND where the system says EAI_NONAME. */
function numberOf(code: ResolverErrorCode): number {
  const name = code === 'ENOTFOUND' ? 'EAI_NONAME' : code
  for (const [number, [known]] of getSystemErrorMap()) if (known === name) return number
  return 0
}
