// What the tests share: the backend under test and a way to see that nothing stays open.
import { readdirSync } from 'node:fs'
import { load } from '../dist/index.cjs'

/** `LOOP_BACKEND_PATH` chooses another build, such as the one under sanitizers. */
export const backend = load(process.env.LOOP_BACKEND_PATH)
export const { constants, linux, pollers, processes, sockets } = backend

export const READ = 1
export const WRITE = 2

/** `-EAGAIN` for `answer('EAGAIN')`: how the native functions give an error. */
export const answer = (name) => -constants[name]

export const openDescriptors = () => readdirSync('/proc/self/fd').length

/** Two connected sockets, closed when the test ends. */
export function pair(t, family = constants.AF_UNIX, type = constants.SOCK_STREAM) {
  const ends = new Int32Array(2)
  const result = sockets.socketpair(family, type, 0, ends)
  if (result < 0) throw new Error(`socketpair: ${result}`)
  t.after(() => {
    for (const end of ends) sockets.close(end)
  })
  return ends
}

/** A descriptor or an error; closed when the test ends. */
export function opened(t, descriptor) {
  if (descriptor < 0) throw new Error(`no descriptor: ${descriptor}`)
  t.after(() => sockets.close(descriptor))
  return descriptor
}

/** Waits for readiness, without letting the test hang. */
export function waitFor(fd, mask) {
  const poller = new pollers.poll()
  poller.add(fd, 0, 0, mask)
  let count
  // Signals of the host interrupt it.
  do count = poller.wait(5000)
  while (count === answer('EINTR'))
  poller.close()
  if (count !== 1) throw new Error(`descriptor ${fd} was not ready in time: ${count}`)
}

/** A listening TCP socket on loopback and its address. */
export function listener(t, family = constants.AF_INET, host = '127.0.0.1') {
  const fd = opened(t, sockets.socket(family, constants.SOCK_STREAM, 0))
  if (sockets.bind(fd, family, { host, port: 0 }) !== 0 || sockets.listen(fd, 16) !== 0) throw new Error('no listener')
  return { fd, address: sockets.getsockname(fd) }
}

/** A connected pair over TCP: `[client, server]`. */
export function connection(t) {
  const { fd, address } = listener(t)
  const client = opened(t, sockets.socket(constants.AF_INET, constants.SOCK_STREAM, 0))
  const started = sockets.connect(client, constants.AF_INET, address)
  if (started !== 0 && started !== answer('EINPROGRESS')) throw new Error(`connect: ${started}`)
  waitFor(fd, READ)
  const server = opened(t, sockets.accept(fd))
  waitFor(client, WRITE)
  return [client, server]
}
