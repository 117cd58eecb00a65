// TCP echo on node:net's callbacks: what a Node program has today.
//   node node-net.mjs PORT      prints "listening PORT"; runs until a signal ends it
import { createServer } from 'node:net'
import { argv } from 'node:process'

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk) => {
    if (socket.write(chunk)) return
    socket.pause()
    socket.once('drain', () => socket.resume())
  })
  socket.on('error', () => socket.destroy())
})

// 1,000 clients connect at once, and a full accept queue would cost them a second each.
server.listen({ host: '127.0.0.1', port: Number(argv[2] ?? 0), backlog: 4096 }, () => {
  console.log(`listening ${server.address().port}`)
})
