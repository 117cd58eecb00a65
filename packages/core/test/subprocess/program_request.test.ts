import { constants } from 'node:os'
import { isMainThread } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import type { ProcessOps } from '../../src/backend/contract.js'
import { checkNoTextMode } from '../../src/subprocess/checked_options.js'
import { programRequest } from '../../src/subprocess/program_request.js'

const unknown = -constants.errno.ENOENT
const lookUp = (known: Record<string, number>) => (name: string) => known[name] ?? unknown
const processes = { getpwnam: lookUp({ nobody: 65534 }), getgrnam: lookUp({ daemon: 1 }) } as unknown as ProcessOps

const request = (args: readonly string[], options: Parameters<typeof programRequest>[2] = {}) =>
  programRequest(processes, args, { env: {}, ...options })

const environment = () => Object.entries(process.env).map(([name, value]) => `${name}=${value}`)

describe('programRequest', () => {
  it('asks for nothing special by itself', () => {
    expect(request(['/bin/ls', '-l'])).toEqual({
      files: ['/bin/ls'],
      args: ['/bin/ls', '-l'],
      env: [],
      cwd: null,
      passFds: new Int32Array(),
      closeFds: true,
      newSession: false,
      processGroup: -1,
      uid: null,
      gid: null,
      groups: null,
      umask: -1,
    })
  })

  it('looks a name up in the PATH of the environment, and takes a path as it is', () => {
    expect(request(['ls'], { env: { PATH: '/a:/b/c' } }).files).toEqual(['/a/ls', '/b/c/ls'])
    expect(request(['ls'], { env: { PATH: ':/b:' } }).files).toEqual(['./ls', '/b/ls', './ls'])
    expect(request(['ls']).files).toEqual(['/bin/ls', '/usr/bin/ls'])
    expect(request(['./ls'], { env: { PATH: '/a' } }).files).toEqual(['./ls'])
    expect(request([''], { env: { PATH: '/a' } }).files).toEqual([''])
    const other = request(['name', 'x'], { executable: 'sh', env: { PATH: '/a' } })
    expect([other.files, other.args]).toEqual([['/a/sh'], ['name', 'x']])
  })

  it('gives the environment of this program, or the one that is asked for', () => {
    // The system's own, or a copy of it, depending on the thread.
    for (const options of [{}, { env: null }, { env: process.env }]) {
      expect(programRequest(processes, ['ls'], options).env ?? []).toEqual(isMainThread ? [] : environment())
    }
    expect(request(['ls'], { env: { A: '', B: 'b=c', C: undefined } }).env).toEqual(['A=', 'B=b=c'])
  })

  it('resolves users, groups, directories and descriptors', () => {
    const made = request(['ls'], {
      user: 'nobody',
      group: 'daemon',
      extraGroups: new Set(['daemon', 7]),
      cwd: new URL('file:///a%20b'),
      passFds: [5, { fd: 6 }, { fileno: () => 7 }],
      umask: 0,
      processGroup: 0,
      pty: true,
    })
    expect(made).toMatchObject({ uid: 65534, gid: 1, cwd: '/a b', umask: 0, processGroup: 0, newSession: true })
    expect([...made.passFds]).toEqual([5, 6, 7])
    expect([...made.groups!]).toEqual([1, 7])
    expect(() => request(['ls'], { user: 'somebody' })).toThrow("There is no user 'somebody'")
    expect(() => request(['ls'], { extraGroups: ['some'] })).toThrow("There is no group 'some'")
    const failing = { ...processes, getpwnam: () => -constants.errno.EIO } as unknown as ProcessOps
    expect(() => programRequest(failing, ['ls'], { user: 'x' })).toThrow(expect.objectContaining({ code: 'EIO' }))
  })
})

describe('checkNoTextMode', () => {
  it('takes what asyncio takes', () => {
    for (const options of [{}, { shell: false }, { bufsize: 0, text: false, encoding: null }])
      checkNoTextMode(options, false)
    checkNoTextMode({ shell: true }, true)
    expect(() => checkNoTextMode({ shell: true }, false)).toThrow(RangeError)
    expect(() => checkNoTextMode({ text: true }, false)).toThrow('text is not supported')
  })
})
