// A program whose loop is busy with input and output as fast as it can.
import { getRunningLoop, run, serveIntrospection, socketpair } from '@loop/core'

await run(async function main() {
  const loop = getRunningLoop()
  await serveIntrospection()
  const [near, far] = socketpair()
  const echo = loop.createTask(
    async function echo() {
      for (;;) await loop.sockSendall(far, await loop.sockRecv(far, 1024))
    },
    { name: 'echo' },
  )
  for (let rounds = 0; !echo.done(); rounds++) {
    await loop.sockSendall(near, 'x'.repeat(1024))
    await loop.sockRecv(near, 1024)
    if (rounds === 100) console.log('ready')
  }
})
