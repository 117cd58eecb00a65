// TCP echo with `for await` over node:net's sockets: the streams style that Node itself offers.
//   node node-net-for-await.mjs PORT      prints "listening PORT"; runs until a signal ends it
import { once } from 'node:events'
import { createServer } from 'node:net'
import { argv } from 'node:process'

async function echo(socket) {
  try {
    for await (const chunk of socket) {
      if (!socket.write(chunk)) await once(socket, 'drain')
    }
    socket.end()
  } catch {
    socket.destroy()
  }
}

const server = createServer({ noDelay: true }, echo)

// 1,000 clients connect at once, and a full accept queue would cost them a second each.
server.listen({ host: '127.0.0.1', port: Number(argv[2] ?? 0), backlog: 4096 }, () => {
  console.log(`listening ${server.address().port}`)
})
