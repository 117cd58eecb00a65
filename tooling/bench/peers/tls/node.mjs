// TLS on node:tls over node:net: what a Node program has today.
//   node node.mjs PORT      prints "listening PORT"; runs until a signal ends it
import { argv } from 'node:process'
import { createServer } from 'node:tls'
import { cert, key, kinds } from './certificate.mjs'

const piece = Buffer.alloc(64 * 1024, 'download ')

const behaviours = {
  echo(socket) {
    socket.on('data', (chunk) => {
      if (socket.write(chunk)) return
      socket.pause()
      socket.once('drain', () => socket.resume())
    })
  },
  download(socket) {
    const send = () => {
      while (!socket.destroyed && socket.write(piece));
    }
    socket.on('drain', send)
    socket.resume()
    send()
  },
  upload(socket) {
    socket.on('data', () => {})
  },
}

const server = createServer({ cert, key, ALPNProtocols: kinds, noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy())
  behaviours[socket.alpnProtocol](socket)
})
server.listen({ host: '127.0.0.1', port: Number(argv[2] ?? 0), backlog: 4096 }, () => {
  console.log(`listening ${server.address().port}`)
})
