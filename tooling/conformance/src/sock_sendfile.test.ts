// Files over plain sockets.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { constants, Socket } from '@loop/core'
import { readExactly, tcpPair } from './recorder.js'
import { type Ground, withinLoop } from './within_loop.js'

const content = Buffer.from(Array.from({ length: 3_000_017 }, (_, index) => (index * 7 + (index >> 9)) % 256))

/** Runs `body` with a file of known content and a connection. */
async function withFile(
  body: (path: string, sock: Socket, peer: Socket, ground: Ground) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'loop-sendfile-'))
  const path = join(folder, 'file')
  writeFileSync(path, content)
  try {
    await withinLoop(async (ground) => body(path, ...(await tcpPair(ground.loop, ground.own)), ground))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('sockSendfile', () => {
  it('[SEND-11] sends a whole file, given as a path, a URL, a handle or a descriptor', () =>
    withFile(async (path, sock, peer, { loop }) => {
      const handle = await open(path)
      try {
        for (const file of [path, pathToFileURL(path), handle, handle.fd]) {
          const sending = loop.createTask(() => loop.sockSendfile(sock, file))
          assert.ok((await readExactly(loop, peer, content.length)).equals(content))
          assert.equal(await sending, content.length)
        }
      } finally {
        await handle.close()
      }
    }))

  it('[SEND-11] sends a part, and nothing of an empty file', () =>
    withFile(async (path, sock, peer, { loop }) => {
      assert.equal(await loop.sockSendfile(sock, path, { offset: 1000, count: 500 }), 500)
      assert.ok((await readExactly(loop, peer, 500)).equals(content.subarray(1000, 1500)))
      assert.equal(await loop.sockSendfile(sock, path, { offset: content.length - 5, count: 500 }), 5)
      assert.ok((await readExactly(loop, peer, 5)).equals(content.subarray(-5)))
      writeFileSync(path, '')
      assert.equal(await loop.sockSendfile(sock, path), 0)
    }))

  it('[SEND-12] keeps its place among sends', () =>
    withFile(async (path, sock, peer, { loop }) => {
      writeFileSync(path, 'file')
      await loop.sockSendall(sock, 'before ')
      await loop.sockSendfile(sock, path)
      await loop.sockSendall(sock, ' after')
      assert.equal((await readExactly(loop, peer, 17)).toString(), 'before file after')
    }))

  it('[SEND-13] checks its arguments at the call', () =>
    withFile(async (path, sock, _, { loop, own }) => {
      const datagram = own(new Socket({ type: constants['SOCK_DGRAM'] }))
      assert.throws(() => loop.sockSendfile(datagram, path), RangeError)
      for (const wrong of [{ count: 0 }, { count: -1 }, { count: 1.5 }, { offset: -1 }])
        assert.throws(() => loop.sockSendfile(sock, path, wrong), RangeError)
      assert.throws(() => loop.sockSendfile(sock, path, { offset: '0' as never }), TypeError)
    }))
})
