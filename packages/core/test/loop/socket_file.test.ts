// How a server knows the file of its socket where the host cannot look at it: as on Windows, on any system.
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { constants, run, startUnixServer } from '../../src/index.js'

/** What the backend answers. */
const answer = vi.hoisted(() => ({ identity: null as string | number | null }))

vi.mock('../../src/backend/load.js', async (original) => {
  const real = await original<typeof import('../../src/backend/load.js')>()
  const backend = real.currentBackend()
  const sockets = Object.create(backend.sockets, { socketFile: { value: () => answer.identity } })
  const changed = Object.create(backend, { sockets: { value: sockets } })
  return { ...real, currentBackend: () => changed }
})

const openDescriptors = () => readdirSync('/proc/self/fd').length

describe.skipIf(process.platform !== 'linux')('files of Unix sockets that the backend looks at', () => {
  let folder: string
  let path: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'loop-'))
    path = join(folder, 'socket')
  })
  afterEach(() => {
    rmSync(folder, { recursive: true })
  })

  const server = () => startUnixServer(async () => {}, { path })

  it('are removed when the server closes, if they are still the same', async () => {
    for (const [after, stays] of [
      ['the first', false],
      ['another', true],
    ] as const) {
      await run(async () => {
        // What another server has left.
        writeFileSync(path, '')
        answer.identity = 'the first'
        const listening = await server()
        expect(existsSync(path)).toBe(true)
        answer.identity = after
        listening.close()
        await listening.waitClosed()
      })
      expect(existsSync(path)).toBe(stays)
    }
  })

  it('that cannot be looked at fail the server, and leave no descriptor', async () => {
    await run(async () => {
      const before = openDescriptors()
      answer.identity = -constants['EACCES']!
      await expect(server()).rejects.toMatchObject({ code: 'EACCES', path })
      expect(openDescriptors()).toBe(before)
    })
  })
})
