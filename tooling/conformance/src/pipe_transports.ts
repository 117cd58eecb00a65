import type { ReadTransport, SelectorEventLoop, WriteTransport } from '@loop/core'
import { pipePair } from './fifo.js'
import { Recorder } from './recorder.js'
import { supports } from './within_loop.js'

/** For the suites about pipes of Unix. */
export const onlyWithPipes =
  process.platform === 'win32'
    ? { skip: 'pipes of Unix; windows_pipes.test.ts is about those of Windows' }
    : supports('pipes')
      ? {}
      : { skip: 'this backend has no pipe transports' }

/** A transport that reads, its protocol, and the descriptor to write to. */
export async function readPipe(loop: SelectorEventLoop): Promise<[Recorder, ReadTransport, number]> {
  const [reading, writing] = pipePair()
  const recorder = new Recorder(loop)
  const [transport] = await loop.connectReadPipe(() => recorder, reading)
  return [recorder, transport, writing]
}

/** A transport that writes, its protocol, and the descriptor to read from. */
export async function writePipe(loop: SelectorEventLoop): Promise<[Recorder, WriteTransport, number]> {
  const [reading, writing] = pipePair()
  const recorder = new Recorder(loop)
  const [transport] = await loop.connectWritePipe(() => recorder, writing)
  return [recorder, transport, reading]
}
