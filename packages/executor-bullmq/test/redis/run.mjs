// node test/redis/run.mjs: starts a Redis of its own on a free port of this machine, runs the tests that need one, ends it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const host = '127.0.0.1'
const server = createServer().listen(0, host)
await once(server, 'listening')
const { port } = server.address()
await new Promise((resolve) => server.close(resolve))

const redis = spawn('redis-server', ['--bind', host, '--port', String(port), '--save', '', '--appendonly', 'no'], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
redis.on('error', ({ message }) => {
  console.error(`redis-server could not be started (Debian's package of that name has it): ${message}`)
  process.exit(1)
})
const ended = once(redis, 'exit')

try {
  await listening()
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const config = fileURLToPath(new URL('./vitest.config.ts', import.meta.url))
  const tests = spawn(process.execPath, [vitest, 'run', '--config', config, ...process.argv.slice(2)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, REDIS_PORT: String(port) },
  })
  const [code] = await once(tests, 'exit')
  process.exitCode = code ?? 1
} finally {
  redis.kill()
  await ended
}

async function listening() {
  for (let tries = 0; tries < 500; tries++) {
    const socket = connect(port, host)
    const answered = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      ended.then(() => null),
    ])
    socket.destroy()
    if (answered) return
    if (answered === null) throw new Error('redis-server ended at once')
    await setTimeout(20)
  }
  throw new Error('redis-server does not listen')
}
