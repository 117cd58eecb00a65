import { type SystemError, systemError } from '../errors/index.js'
import type { Mechanism } from '../loop/capabilities.js'
import { constants } from '../sockets/constants.js'

const syscalls: Readonly<Partial<Record<Mechanism, string>>> = { epoll: 'epoll_ctl', kqueue: 'kevent' }

/** The error of a descriptor that a poller refused to watch, with what to do instead. */
export function registrationError(result: number, poller: Mechanism, fd: number): SystemError {
  return systemError(result, syscalls[poller] ?? poller, { message: explanation(-result, poller, fd) })
}

function explanation(errno: number, poller: Mechanism, fd: number): string | undefined {
  switch (errno) {
    case constants['EPERM']:
      return `descriptor ${fd} is a regular file or directory, which has no readiness: it never makes a reader wait. Read and write it with node:fs, or stream it with sockSendfile()`
    case constants['EBADF']:
      return `descriptor ${fd} is not open`
    case constants['ENOTSOCK']:
      return `descriptor ${fd} is no open socket, and this mechanism knows the readiness of nothing else: read and write it with node:fs`
    case constants['EMFILE']:
    case constants['EINVAL']:
      if (poller !== 'select') return undefined
      return process.platform === 'win32'
        ? 'select() of Windows watches 512 sockets: use AfdSelector (LOOP_BACKEND=afd) or ProactorEventLoop, which have no limit'
        : `descriptor ${fd} is beyond what select() can watch (FD_SETSIZE): use EpollSelector or PollSelector (LOOP_BACKEND=epoll or poll)`
    default:
      return undefined
  }
}
