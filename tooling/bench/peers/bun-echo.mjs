// TCP echo on Bun.listen.
//   bun bun-echo.mjs PORT      prints "listening PORT"; runs until a signal ends it
import { argv } from 'node:process'

// Bun's sockets keep nothing that the kernel did not take: the rest waits here for `drain`.
function send(socket, bytes) {
  const sent = Math.max(socket.write(bytes), 0)
  socket.data = sent < bytes.length ? bytes.subarray(sent) : null
}

const server = Bun.listen({
  hostname: '127.0.0.1',
  port: Number(argv[2] ?? 0),
  socket: {
    open(socket) {
      socket.data = null
      socket.setNoDelay(true)
    },
    data(socket, chunk) {
      if (socket.data === null) send(socket, chunk)
      else socket.data = Buffer.concat([socket.data, chunk])
    },
    drain(socket) {
      if (socket.data !== null) send(socket, socket.data)
    },
    error() {},
  },
})

console.log(`listening ${server.port}`)
