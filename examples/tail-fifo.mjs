// Prints what is written into a FIFO, line by line, for ever:  mkfifo /tmp/log; node examples/tail-fifo.mjs /tmp/log
//
// Opened for reading and writing, a FIFO has no end when its last writer goes. Opening one with node:fs would hold a
// thread until a writer comes; four of them, and no file of the process can be read any more.
import { constants, openSync } from 'node:fs'
import { getRunningLoop, run, StreamReader, StreamReaderProtocol } from '@loop/core'

const fifo = openSync(process.argv[2], constants.O_RDWR | constants.O_NONBLOCK)

await run(async () => {
  const reader = new StreamReader()
  await getRunningLoop().connectReadPipe(() => new StreamReaderProtocol(reader), fifo)
  for await (const line of reader) process.stdout.write(line)
})
