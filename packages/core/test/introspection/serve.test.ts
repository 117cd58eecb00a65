import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTask, run, serveIntrospection, sleep, type TaskTable } from '../../src/index.js'
import { makeSocketFolder, socketFolders, whyUnsafe } from '../../src/introspection/socket_folder.js'

// Windows has no such sockets that Node could use; there it says so.
const unix = process.platform !== 'win32'
const uid = unix ? process.getuid!() : 0
let session: string

beforeEach(() => {
  session = mkdtempSync(join(tmpdir(), 'loop-test-'))
  vi.stubEnv('XDG_RUNTIME_DIR', session)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(session, { recursive: true, force: true })
})

const ask = async (path: string) => JSON.parse(await text(connect(path))) as TaskTable
const permissions = (path: string) => (statSync(path).mode & 0o777).toString(8)

describe.runIf(unix)('serveIntrospection', () => {
  it('gives the task table to who connects, also when the task that called it is done', () =>
    run(async () => {
      const caller = createTask(() => serveIntrospection())
      const server = await caller
      const table = await ask(server.path)
      expect(table.pid).toBe(process.pid)
      expect(table.loops[0]!.tasks.map((task) => task.name)).toHaveLength(1)
      await server.close()
    }))

  it('answers at a socket in a folder that only its user can enter, and takes it away', async () => {
    const server = await serveIntrospection()
    expect(server.path).toBe(join(session, 'loop', `${process.pid}.0.sock`))
    expect(permissions(join(session, 'loop'))).toBe('700')
    await server.close()
    expect(readdirSync(join(session, 'loop'))).toEqual([])
    await expect(ask(server.path)).rejects.toThrow('ENOENT')
  })

  it('gives the same server twice, and a new one once it is closed', async () => {
    const [first, second] = [serveIntrospection(), serveIntrospection()]
    expect(second).toBe(first)
    await (await first).close()
    const third = await serveIntrospection()
    expect((await ask(third.path)).loops).toEqual([])
    await third[Symbol.asyncDispose]()
  })

  it('removes the sockets of processes that were killed, its own number included, and no other file', async () => {
    const folder = makeSocketFolder()
    // A listener that goes without taking its file along: the file is moved away before, and back afterwards.
    const leaveBehind = async (name: string) => {
      const listener = createServer()
      await new Promise<void>((ready) => listener.listen(join(folder, `${name}.part`), () => ready()))
      renameSync(join(folder, `${name}.part`), join(folder, name))
      await new Promise((closed) => listener.close(closed))
    }
    await leaveBehind('99999999.0.sock')
    await leaveBehind(`${process.pid}.0.sock`)
    mkdirSync(join(folder, 'something else'))
    const server = await serveIntrospection()
    expect(readdirSync(folder).sort()).toEqual([`${process.pid}.0.sock`, 'something else'])
    expect((await ask(server.path)).pid).toBe(process.pid)
    await server.close()
  })

  it('leaves the socket of a process that lives, even if its number is unknown here', async () => {
    const folder = makeSocketFolder()
    const path = join(folder, '99999999.0.sock')
    const elsewhere = createServer((connection) => void connection.end())
    await new Promise<void>((ready) => elsewhere.listen(path, () => ready()))
    await (await serveIntrospection()).close()
    expect(existsSync(path)).toBe(true)
    await new Promise((closed) => elsewhere.close(closed))
  })

  it('LOOP_PS=1 does it when a loop is made', async () => {
    vi.stubEnv('LOOP_PS', '1')
    const folder = join(session, 'loop')
    await run(async () => {
      while (!existsSync(folder) || readdirSync(folder).length === 0) await sleep(1)
      expect((await ask(join(folder, `${process.pid}.0.sock`))).loops).toHaveLength(1)
    })
    await (await serveIntrospection()).close()
  })
})

describe.runIf(unix)('the folder', () => {
  it('is the first of the session and the temporary ones that can be made', () => {
    expect(socketFolders(uid)[0]).toBe(join(session, 'loop'))
    rmSync(session, { recursive: true })
    vi.stubEnv('TMPDIR', mkdtempSync('/tmp/loop-test-'))
    const temporary = join(process.env.TMPDIR!, `loop-${uid}`)
    const folder = makeSocketFolder()
    expect([temporary, `/run/user/${uid}/loop`]).toContain(folder)
    rmSync(process.env.TMPDIR!, { recursive: true })
  })

  it('is not used if others can enter it, or if it is a link', () => {
    const folder = join(session, 'loop')
    mkdirSync(folder, { mode: 0o700 })
    expect(whyUnsafe(folder, uid)).toBeNull()
    chmodSync(folder, 0o750)
    expect(whyUnsafe(folder, uid)).toContain(`can be entered by others (mode 750): chmod 700 ${folder}`)
    expect(makeSocketFolder()).not.toBe(folder)
    expect(whyUnsafe(folder, uid + 1)).toContain(`belongs to user ${uid}, not to user ${uid + 1}`)
    const link = join(session, 'link')
    symlinkSync(folder, link)
    expect(whyUnsafe(link, uid)).toContain('is not a directory')
  })
})

it.runIf(!unix)('serveIntrospection says on Windows what to use instead', () => {
  expect(() => serveIntrospection()).toThrow(/printCallGraph/)
})
