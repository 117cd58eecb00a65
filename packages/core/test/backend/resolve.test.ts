import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CONTRACT_ABI } from '../../src/backend/contract.js'
import { type BackendModule, coreVersion, type Host, isInstalled, requirePackages } from '../../src/backend/host.js'
import { currentBackend, resolvedBackend } from '../../src/backend/load.js'
import { resolveBackend, resolveBeside } from '../../src/backend/resolve.js'
import { LoopError } from '../../src/index.js'

const binary = {
  abi: CONTRACT_ABI,
  kind: 'selector',
  package: '@loop/epoll-linux',
  version: '1.2.3',
  pollers: { epoll: class {}, poll: class {}, select: class {} },
}

/** A Linux machine with its backend installed; `changes` is what is different. */
function hostWith(changes: Partial<Host> = {}, loaded: () => unknown = () => binary): Host {
  const module = { load: loaded } as BackendModule
  return {
    platform: 'linux',
    arch: 'x64',
    version: '1.2.3',
    env: {},
    packages: new Map([['@loop/epoll-linux', { module }]]),
    isInstalled: (name) => name === '@loop/epoll-linux',
    isFile: () => true,
    ...changes,
  }
}

function failure(host: Host): LoopError {
  try {
    resolveBackend(host)
  } catch (error) {
    expect(error).toBeInstanceOf(LoopError)
    expect((error as LoopError).code).toBe('ERR_LOOP_NO_BACKEND')
    return error as LoopError
  }
  throw new Error('a backend was found')
}

const notFound = { error: Object.assign(new Error('Cannot find package'), { code: 'MODULE_NOT_FOUND' }) }

describe('resolution of the backend', () => {
  it("takes the platform's default", () => {
    expect(resolveBackend(hostWith()).mechanism).toBe('epoll')
  })

  it('takes what LOOP_BACKEND names', () => {
    expect(resolveBackend(hostWith({ env: { LOOP_BACKEND: 'select' } })).mechanism).toBe('select')
  })

  it('hands LOOP_BACKEND_PATH to the loader of the package', () => {
    const paths: unknown[] = []
    const host = hostWith({ env: { LOOP_BACKEND_PATH: '/build/loop.node' } })
    const module = {
      load(path?: string) {
        paths.push(path)
        return binary
      },
    }
    resolveBackend({ ...host, packages: new Map([['@loop/epoll-linux', { module }]]) })
    expect(paths).toEqual(['/build/loop.node'])
  })

  it('finds the other kind of backend beside the one in use, where the platform has both', () => {
    const selector = { ...binary, package: '@loop/selector-win', pollers: { afd: class {}, select: class {} } }
    const proactor = { ...binary, package: '@loop/proactor-win', kind: 'proactor', proactors: { iocp: class {} } }
    const windows = hostWith({
      platform: 'win32',
      // Of the backend in use, and no business of the other.
      env: { LOOP_BACKEND: 'iocp', LOOP_BACKEND_PATH: 'C:/build/loop.node' },
      packages: new Map([
        ['@loop/selector-win', { module: { load: (path?: string) => (path === undefined ? selector : null) } }],
        ['@loop/proactor-win', { module: { load: () => proactor } }],
      ]),
    })
    expect(resolveBackend(windows)).toEqual({ backend: proactor, mechanism: 'iocp' })
    expect(resolveBeside(windows, 'selector')).toEqual({ backend: selector, mechanism: 'afd' })
    expect(resolveBackend({ ...windows, env: {} }).mechanism).toBe('iocp')
    expect(resolveBeside(hostWith(), 'proactor')).toBeNull()
    expect(() => resolveBeside({ ...windows, packages: new Map() }, 'selector')).toThrow(/@loop\/selector-win/)
  })

  it('refuses a LOOP_BACKEND that names nothing, with the names there are', () => {
    const { message } = failure(hostWith({ env: { LOOP_BACKEND: 'quantum' } }))
    expect(message).toContain('LOOP_BACKEND=quantum names no mechanism')
    expect(message).toContain('epoll, poll, select')
  })

  it('says whose mechanism a LOOP_BACKEND of another platform is', () => {
    expect(failure(hostWith({ env: { LOOP_BACKEND: 'kqueue' } })).message).toContain('is a mechanism of darwin')
  })

  it('says that a planned mechanism is not there yet', () => {
    expect(failure(hostWith({ env: { LOOP_BACKEND: 'uring' } })).message).toContain('not part of this version')
  })

  it('refuses a LOOP_BACKEND_PATH that is no file', () => {
    const host = hostWith({ env: { LOOP_BACKEND_PATH: '/nowhere/loop.node' }, isFile: () => false })
    expect(failure(host).message).toContain('LOOP_BACKEND_PATH=/nowhere/loop.node is not a file')
  })

  it('tells what was tried and how to repair a missing optional dependency', () => {
    const host = hostWith({ packages: new Map([['@loop/epoll-linux', notFound]]), isInstalled: () => false })
    const { message } = failure(host)
    expect(message).toContain('tried:         @loop/epoll-linux (the default of linux): not installed')
    expect(message).toContain('npm install @loop/epoll-linux@1.2.3')
    expect(message).toContain('--omit=optional')
    expect(message).not.toContain('found instead')
  })

  it("names another platform's package that is there instead", () => {
    const { message } = failure(
      hostWith({
        packages: new Map([['@loop/epoll-linux', notFound]]),
        isInstalled: (name) => name === '@loop/kqueue-darwin',
      }),
    )
    expect(message).toContain('found instead: @loop/kqueue-darwin, which is for other platforms')
    expect(message).toContain('rm -rf node_modules && npm install')
  })

  it('tells why an installed package did not load, with the cause', () => {
    const cause = new Error('loop.node: invalid ELF header')
    const error = failure(
      hostWith({}, () => {
        throw cause
      }),
    )
    expect(error.message).toContain('invalid ELF header')
    expect(error.message).toContain('npm install --force @loop/epoll-linux@1.2.3')
    expect(error.cause).toBe(cause)
  })

  it('refuses a binary of another contract', () => {
    const { message } = failure(hostWith({}, () => ({ ...binary, abi: CONTRACT_ABI + 1 })))
    expect(message).toContain(`version ${CONTRACT_ABI + 1} of the backend contract`)
    expect(message).toContain(`needs ${CONTRACT_ABI}`)
    expect(message).toContain('npm install @loop/core@1.2.3 @loop/epoll-linux@1.2.3')
  })

  it('refuses a package of another version', () => {
    expect(failure(hostWith({}, () => ({ ...binary, version: '1.2.4' }))).message).toContain('must match')
  })

  it('says so where there is no backend for the platform', () => {
    expect(failure(hostWith({ platform: 'aix', arch: 'ppc64' })).message).toContain('no backend for aix-ppc64')
  })

  const others = [
    ['darwin', /Cannot find module .*darwin-/],
    ['win32', /Cannot find module .*proactor-win/],
  ] as const
  it.each(others.filter(([platform]) => platform !== process.platform))(
    'loads no package by its mere presence: those of %s are here, and say why not',
    (platform, why) => {
      const host = hostWith({ platform, packages: requirePackages(platform), isInstalled, version: coreVersion })
      expect(failure(host).message).toMatch(why)
    },
  )
})

describe('the backend of this machine', () => {
  const defaults: Partial<Record<NodeJS.Platform, string>> = { darwin: 'kqueue-darwin', win32: 'proactor-win' }
  const own = defaults[process.platform] ?? 'epoll-linux'
  const foreign = own === 'kqueue-darwin' ? 'epoll-linux' : 'kqueue-darwin'
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'loop-'))
  })

  afterEach(() => rmSync(folder, { recursive: true }))

  it('is loaded once', () => {
    expect(currentBackend()).toBe(resolvedBackend().backend)
    expect(currentBackend().abi).toBe(CONTRACT_ABI)
  })

  it('is not needed to import core; without it a loop says what is missing and what is there instead', () => {
    const modules = join(folder, 'node_modules', '@loop')
    for (const name of ['core', foreign]) {
      const from = fileURLToPath(new URL(`../../../${name}/`, import.meta.url))
      for (const part of ['package.json', 'dist'])
        cpSync(join(from, part), join(modules, name, part), { recursive: true })
    }
    const { stdout } = runIn(folder, pathToFileURL(join(modules, 'core/dist/index.js')).href)
    expect(stdout).toContain('function ERR_LOOP_NO_BACKEND')
    expect(stdout).toMatch(new RegExp(`tried: +@loop/${own} \\(the default of ${process.platform}\\): not installed`))
    expect(stdout).toContain(`found instead: @loop/${foreign}`)
    expect(stdout).toContain(`npm install @loop/${own}@${coreVersion}`)
  })

  // Node 20.19 and 22.12 are the first that can require an ES module.
  it.runIf('require_module' in process.features)('is there for CommonJS as well', () => {
    const script = "require('@loop/core').run(async () => 'a loop ran').then(console.log)"
    const cwd = fileURLToPath(new URL('..', import.meta.url))
    const { stdout } = spawnSync(process.execPath, ['--no-warnings', '-e', script], { cwd, encoding: 'utf8' })
    expect(stdout).toBe('a loop ran\n')
  })

  it('is refused where LOOP_BACKEND_PATH is a folder', () => {
    const { stdout } = runIn(folder, import.meta.resolve('@loop/core'), { LOOP_BACKEND_PATH: folder })
    expect(stdout).toContain('ERR_LOOP_NO_BACKEND')
    expect(stdout).toContain('is not a file')
  })

  it('is refused where LOOP_BACKEND_PATH is no addon, with what the host says of it', () => {
    const path = join(folder, 'loop.node')
    writeFileSync(path, 'no addon')
    const { stdout } = runIn(folder, import.meta.resolve('@loop/core'), { LOOP_BACKEND_PATH: path })
    expect(stdout).toContain(`with LOOP_BACKEND_PATH=${path}`)
    expect(stdout).toMatch(/too short|invalid ELF header|not a valid Win32 application|Bad EXE format/)
    expect(stdout).toContain('unset LOOP_BACKEND_PATH')
  })
})

/** Makes a loop in a process of its own, and prints how that failed. pnpm's scripts name the workspace in NODE_PATH. */
function runIn(cwd: string, core: string, env: Record<string, string> = {}) {
  const script = `const { newEventLoop, Future } = await import(${JSON.stringify(core)})
    try { newEventLoop() } catch (error) { console.log(typeof Future, error.code, error.message) }`
  const options = { cwd, env: { ...process.env, LOOP_BACKEND: '', NODE_PATH: '', ...env }, encoding: 'utf8' } as const
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], options)
}
