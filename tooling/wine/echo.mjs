// Echo over TCP, ours beside node:net in the same node.exe: requests and answers of 64 bytes over 50 connections.
//   node tooling/wine/run.mjs 20 tooling/wine/echo.mjs
// The clients are node:net's for both, and run in a process of their own. Rounds take turns; the ratio is of the medians.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'

const connections = 50
const messages = 100
const rounds = 5
const size = 64

async function serve(kind) {
  if (kind === 'net') {
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => {})
      socket.on('data', (data) => socket.write(data))
    })
    server.listen(0, '127.0.0.1', () => process.send(server.address().port))
    return
  }
  const { run, getRunningLoop } = await import('../../packages/core/dist/index.js')
  await run(async () => {
    const echo = () => {
      let transport
      return {
        connectionMade: (made) => void (transport = made),
        dataReceived: (data) => transport.write(data),
      }
    }
    const server = await getRunningLoop().createServer(echo, { host: '127.0.0.1', port: 0 })
    process.send(server.sockets[0].getsockname().port)
    await server.serveForever()
  })
}

function client(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const message = Buffer.alloc(size, 'x')
    let left = messages
    let got = 0
    socket.on('error', reject)
    socket.on('connect', () => socket.write(message))
    socket.on('data', (data) => {
      got += data.length
      if (got < size) return
      got = 0
      if (--left === 0) {
        socket.destroy()
        resolve()
      } else socket.write(message)
    })
  })
}

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1]

async function measure() {
  const servers = {}
  for (const kind of ['loop', 'net']) {
    const child = fork(process.argv[1], [kind], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    const [port] = await once(child, 'message')
    servers[kind] = { child, port, rates: [] }
  }
  for (let round = -1; round < rounds; round++) {
    for (const server of Object.values(servers)) {
      const began = performance.now()
      await Promise.all(Array.from({ length: connections }, () => client(server.port)))
      const seconds = (performance.now() - began) / 1000
      // The first round warms up.
      if (round >= 0) server.rates.push((connections * messages) / seconds)
    }
  }
  const [ours, theirs] = [median(servers.loop.rates), median(servers.net.rates)]
  console.log(`echo, ${connections} connections, ${size} bytes, ${process.version}, ${process.platform}:`)
  console.log(
    `  @loop/core ${ours.toFixed(0)} /s   node:net ${theirs.toFixed(0)} /s   ratio ${(ours / theirs).toFixed(2)}`,
  )
  for (const { child } of Object.values(servers)) child.kill()
}

const kind = process.argv[2]
if (kind === undefined) await measure()
else await serve(kind)
