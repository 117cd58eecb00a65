// A SOCKS 5 proxy (RFC 1928, without authentication):  node examples/socks-proxy.mjs 1080
//
//   curl --proxy socks5h://127.0.0.1:1080 http://example.org/
import { openConnection, run, startServer, TaskGroup, timeout } from '@loop/core'

const CONNECT = 1
const SUCCEEDED = 0
const REFUSED = { ECONNREFUSED: 5, ENETUNREACH: 3, EHOSTUNREACH: 4, ENOTFOUND: 4, ETIMEDOUT: 6 }

/** The destination that the client asks for. */
async function request(reader, writer) {
  const [, methods] = await reader.readexactly(2)
  await reader.readexactly(methods)
  await writer.write(Uint8Array.of(5, 0)) // no authentication
  const [, command, , type] = await reader.readexactly(4)
  const length = { 1: 4, 4: 16 }[type] ?? (await reader.readexactly(1))[0]
  const host = await reader.readexactly(length)
  const port = (await reader.readexactly(2)).readUInt16BE()
  return { command, host: { 1: dotted, 3: String, 4: hextets }[type](host), port }
}

const dotted = (bytes) => bytes.join('.')
const hextets = (bytes) => bytes.toString('hex').replace(/.{4}(?!$)/g, '$&:')

const reply = (code) => Uint8Array.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0)

/** One direction, until its end: a slow receiver makes the sender wait. */
async function forward(reader, writer) {
  for (;;) {
    const data = await reader.read(65536)
    if (data.length === 0) break
    await writer.write(data)
  }
  writer.writeEof()
}

async function serve(reader, writer) {
  let upstream
  try {
    const { command, host, port } = await timeout(10_000, () => request(reader, writer))
    if (command !== CONNECT) return await writer.write(reply(7))
    const [answers, requests] = await openConnection({ host, port })
    upstream = requests
    await writer.write(reply(SUCCEEDED))
    await TaskGroup.run(async (both) => {
      both.createTask(() => forward(reader, requests))
      both.createTask(() => forward(answers, writer))
    })
  } catch (error) {
    if (upstream === undefined && error.code !== undefined) await writer.write(reply(REFUSED[error.code] ?? 1))
  } finally {
    upstream?.close()
    writer.close()
  }
}

await run(async () => {
  const server = await startServer(serve, { host: '127.0.0.1', port: Number(process.argv[2] ?? 1080) })
  console.log(`listening ${server.sockets[0].getsockname().port}`)
  await server.serveForever()
})
