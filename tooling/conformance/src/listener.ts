import { addressOf } from './recorder.js'
import { recordingServer } from './recording_server.js'
import type { Ground } from './within_loop.js'

/** A server whose connections are recorded, where it listens, and what ends it with all of them. */
export async function listener({ loop }: Ground, host = '127.0.0.1') {
  const [server, clients] = await recordingServer(loop, { host })
  const end = async () => {
    server.close()
    server.abortClients()
    await server.waitClosed()
  }
  return { server, clients, address: addressOf(server), end }
}
