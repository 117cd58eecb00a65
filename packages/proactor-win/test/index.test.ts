import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load, prebuild } from '@loop/proactor-win'
import { expect, it } from 'vitest'

it('looks for the binary of its own processor in its own folder', () => {
  expect(prebuild()).toMatch(
    new RegExp(`proactor-win[\\\\/]prebuilds[\\\\/]${process.platform}-${process.arch}[\\\\/]loop\\.node$`),
  )
})

it('tells what require tells of a binary that is not there', () => {
  expect(() => load(join(tmpdir(), 'there-is-no-such-loop.node'))).toThrow(
    expect.objectContaining({ code: 'MODULE_NOT_FOUND' }),
  )
})

it('gives the parts of the binary by the names of the contract', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'loop-proactor-win-'))
  try {
    const path = join(folder, 'binding.cjs')
    writeFileSync(
      path,
      `module.exports = { abi: 7, constants: { AF_INET: 2 }, sockets: { recv() {} }, pipes: {}, windowsProcesses: {}, IocpProactor: class {}, WaiterThread: class {} }`,
    )
    const backend = load(path)
    expect(backend).toMatchObject({
      kind: 'proactor',
      abi: 7,
      package: '@loop/proactor-win',
      constants: { AF_INET: 2 },
    })
    expect(backend.version).toMatch(/^\d+\.\d+\.\d+/)
    expect(Object.keys(backend.proactors)).toEqual(['iocp'])
    expect(Object.keys(backend.drivers)).toEqual(['WaiterThread'])
    expect(Object.isFrozen(backend.sockets)).toBe(true)
  } finally {
    await rm(folder, { recursive: true })
  }
})
