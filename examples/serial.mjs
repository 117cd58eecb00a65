// Talks to a serial device by lines:  node examples/serial.mjs /dev/ttyUSB0 'AT+GMR'
//
// A device can be opened by path: the loop waits for it like for a socket, and no thread of Node's is held by a read.
import { execFileSync } from 'node:child_process'
import { getRunningLoop, run, StreamReader, StreamReaderProtocol, timeout } from '@loop/core'

const [device = '/dev/ttyUSB0', command = 'AT'] = process.argv.slice(2)
execFileSync('stty', ['-F', device, '115200', 'raw', '-echo'])

await run(async () => {
  const loop = getRunningLoop()
  const reader = new StreamReader()
  const [incoming] = await loop.connectReadPipe(() => new StreamReaderProtocol(reader), device)
  const [port] = await loop.connectWritePipe(() => ({}), device)

  port.write(`${command}\r`)
  for (;;) {
    const line = String(await timeout(5000, () => reader.readuntil('\r\n'))).trim()
    if (line !== '') console.log(line)
    if (line === 'OK' || line === 'ERROR') break
  }

  port.close()
  incoming.close()
})
