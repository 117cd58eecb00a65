// Sends each line of standard input to the system's log:  echo it works | node examples/syslog.mjs /dev/log
//
// /dev/log is a Unix datagram socket, which Node cannot open. `journalctl -t example` shows what arrived.
import { createInterface } from 'node:readline'
import { openDatagramEndpoint, run } from '@loop/core'

const user = 1 << 3 // the facility
const severity = { error: 3, warning: 4, notice: 5, info: 6 }

/** As syslog(3) writes it, RFC 3164. */
function message(level, text) {
  const [, month, day, , time] = new Date().toString().split(' ')
  return `<${user | severity[level]}>${month} ${day.replace(/^0/, ' ')} ${time} example[${process.pid}]: ${text}`
}

await run(async () => {
  const log = await openDatagramEndpoint({ remoteAddr: process.argv[2] ?? '/dev/log' })
  for await (const line of createInterface({ input: process.stdin })) await log.send(message('info', line))
  log.close()
  await log.waitClosed() // all of it has left
})
