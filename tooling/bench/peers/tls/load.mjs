// A load of node:tls over node:net, the same for every server.
//   node load.mjs PORT KIND CONNECTIONS SIZE WARMUP SECONDS PID      prints JSON: what happened in the measured seconds
// KIND: echo (messages of SIZE bytes, each connection waits for its whole reply), download or upload (pieces of SIZE).
import { readFileSync } from 'node:fs'
import { argv, exit } from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { connect } from 'node:tls'
import { cert } from './certificate.mjs'

const [port, , connections, size, warmup, seconds, pid] = argv.slice(2).map(Number)
const kind = argv[3]
const ticksPerSecond = 100

let messages = 0
let bytes = 0
let ended = false

const behaviours = {
  echo(socket, message) {
    let missing = 0
    const send = () => {
      missing = size
      socket.write(message)
    }
    socket.on('data', (chunk) => {
      const position = size - missing
      missing -= chunk.length
      if (missing < 0 || chunk.compare(message, position, position + chunk.length) !== 0) {
        throw new Error(`a wrong reply at byte ${position} of ${size}`)
      }
      if (missing > 0) return
      messages++
      bytes += size
      send()
    })
    send()
  },
  download(socket) {
    socket.on('data', (chunk) => {
      bytes += chunk.length
    })
  },
  upload(socket, message) {
    const sent = () => {
      bytes += size
    }
    const send = () => {
      while (!ended && socket.write(message, sent));
    }
    socket.on('drain', send)
    send()
  },
}

function open(index) {
  const message = Buffer.alloc(size, `connection ${index} says `)
  return new Promise((resolve, reject) => {
    const socket = connect(
      { port, host: '127.0.0.1', ca: cert, servername: 'localhost', ALPNProtocols: [kind] },
      () => {
        socket.setNoDelay(true)
        resolve(() => behaviours[kind](socket, message))
      },
    )
    socket.on('error', reject)
    socket.on('close', () => {
      if (!ended) throw new Error('the server closed a connection')
    })
  })
}

/** User and system time of the server, all its threads. */
function cpuSeconds() {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number)
  return (user + system) / ticksPerSecond
}

const starts = await Promise.all(Array.from({ length: connections }, (_, index) => open(index)))
for (const start of starts) start()
await delay(warmup * 1000)
messages = bytes = 0
const began = performance.now()
const cpu = cpuSeconds()
const own = process.cpuUsage()
await delay(seconds * 1000)
const took = (performance.now() - began) / 1000
const { user, system } = process.cpuUsage(own)
ended = true
console.log(
  JSON.stringify({
    messages,
    bytes,
    seconds: took,
    serverCpuSeconds: cpuSeconds() - cpu,
    loadCpuSeconds: (user + system) / 1e6,
  }),
)
exit(0)
