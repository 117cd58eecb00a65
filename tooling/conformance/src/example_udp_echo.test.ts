// examples/udp-echo.mjs, as somebody runs it.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { it } from 'node:test'
import { fileURLToPath } from 'node:url'

const example = fileURLToPath(new URL('../../../examples/udp-echo.mjs', import.meta.url))

it('examples/udp-echo.mjs answers, and ends when it is asked to', { timeout: 20_000 }, async () => {
  const child = spawn(process.execPath, ['--no-warnings', example], { stdio: ['ignore', 'pipe', 'inherit'] })
  const client = createSocket('udp4')
  try {
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    while (!output.includes('\n')) await once(child.stdout, 'data')
    const port = Number(/^listening (\d+)$/m.exec(output)![1])
    for (const text of ['hello', '', 'goodbye']) {
      client.send(text, port, '127.0.0.1')
      const [answer] = (await once(client, 'message')) as [Buffer]
      assert.equal(answer.toString(), text)
    }
    child.kill('SIGTERM')
    assert.deepEqual(await once(child, 'close'), [0, null])
    assert.match(output, /^0 datagrams dropped$/m)
  } finally {
    client.close()
    child.kill('SIGKILL')
  }
})
