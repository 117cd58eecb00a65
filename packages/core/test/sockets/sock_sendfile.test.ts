import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open as openFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  CancelledError,
  SelectorEventLoop,
  SendfileNotAvailableError,
  type Socket,
  sleep,
  socketpair,
} from '../../src/index.js'

let loop: SelectorEventLoop
let open: Socket[]

beforeEach(() => {
  loop = new SelectorEventLoop()
  open = []
})

afterEach(() => {
  for (const socket of open) socket.close()
  loop.close()
})

function pair(): [Socket, Socket] {
  const sockets = socketpair()
  open.push(...sockets)
  return sockets
}

async function receive(sock: Socket, size: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let left = size; left > 0; ) {
    const chunk = await loop.sockRecv(sock, Math.min(left, 65536))
    if (chunk.length === 0) break
    chunks.push(chunk)
    left -= chunk.length
  }
  return Buffer.concat(chunks)
}

// What holds on every system is in the conformance suite.
describe('sockSendfile', () => {
  let folder: string
  let path: string
  const content = randomBytes(3 * 1024 * 1024 + 17)

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'loop-'))
    path = join(folder, 'file')
    writeFileSync(path, content)
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  it('[SEND-14] reads and sends what is no regular file, or refuses without the fallback', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      expect(await loop.sockSendfile(a, '/dev/zero', { count: 1000 })).toBe(1000)
      expect((await receive(b, 1000)).equals(Buffer.alloc(1000))).toBe(true)
      await expect(loop.sockSendfile(a, '/dev/zero', { count: 10, fallback: false })).rejects.toThrow(
        SendfileNotAvailableError,
      )
    }))

  it('[SEND-15] a cancelled one leaves no writer behind', () =>
    loop.runUntilComplete(async () => {
      const [a, b] = pair()
      const handle = await openFile(path)
      const task = loop.createTask(() => loop.sockSendfile(a, handle))
      // The peer reads only a part, so the rest waits for room.
      await loop.sockRecv(b, 10)
      while (!loop.removeWriter(a)) await sleep(1)
      task.cancel()
      await expect(task).rejects.toThrow(CancelledError)
      expect(loop.removeWriter(a)).toBe(false)
      await handle.close()
    }))

  it('a missing file is the error of the system', () =>
    loop.runUntilComplete(async () => {
      const [a] = pair()
      await expect(loop.sockSendfile(a, join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' })
    }))

  it('other work has its turn although the peer takes everything at once', () =>
    loop.runUntilComplete(async () => {
      const [a] = pair()
      const size = 64 * 1024 * 1024
      // A socket that is never full, as on a machine whose other processor reads.
      const endless = { ...a._ops, sendfile: (_fd: number, _file: number, _offset: number, count: number) => count }
      Object.defineProperty(a, '_ops', { value: endless })
      let turns = 0
      const count = () => {
        turns++
        loop.callSoon(count)
      }
      loop.callSoon(count)
      expect(await loop.sockSendfile(a, path, { count: size })).toBe(size)
      expect(turns).toBeGreaterThan(10)
    }))
})
