// Datagrams over node:dgram. It sends when a former datagram has left, as its documentation advises, with as many under way
// as the others send before they let the loop have its turn.
import { createSocket } from 'node:dgram'
import { BURST, counted, report, task } from './udp-measure.mjs'

const socket = createSocket('udp4')

function send({ payloads }) {
  let next = 0
  let underWay = 0
  let over = false
  const left = () => {
    if (--underWay > 0) return
    if (over) {
      report()
      return socket.close()
    }
    burst()
  }
  const burst = () => {
    for (; underWay < BURST; underWay++) {
      socket.send(payloads[next], left)
      if (++next === payloads.length) next = 0
    }
    over = counted(BURST)
  }
  burst()
}

if (task.mode === 'send') socket.connect(task.port, '127.0.0.1', () => send(task))
else {
  let over = false
  socket.on('message', () => {
    if (over || !counted(1)) return
    over = true
    report()
    socket.close()
  })
  socket.bind(0, '127.0.0.1', () => console.log(`listening ${socket.address().port}`))
}
