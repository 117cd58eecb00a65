// Builds what is published:  pnpm prebuild --all | TARGET...      (a target is linux-x64, darwin-arm64, ...)
//
// Cross-compiled on linux-x64 with the pinned compiler into packages/<addon>/prebuilds/<target>/loop.node, and looked at:
// a binary that needs a newer C library, a C++ library or an unknown symbol fails here and not on somebody's machine.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './addons.mjs'
import { inspectBinary } from './binary.mjs'
import { targets } from './targets.mjs'
import { uvInclude } from './toolchain.mjs'
import { ensureZig, zigEnvironment } from './zig.mjs'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { all: { type: 'boolean' } } })
// npm runs a script of this name before the one called build, and then nothing is asked of it.
if (process.env.npm_lifecycle_event === 'prebuild' && process.argv.length === 2) process.exit(0)
const wanted = values.all ? Object.keys(targets) : positionals
const unknown = wanted.filter((name) => !(name in targets))
if (wanted.length === 0 || unknown.length > 0) {
  console.error(`usage: prebuild.mjs --all | TARGET...   the targets are ${Object.keys(targets).join(', ')}`)
  process.exit(2)
}

const fromNative = createRequire(join(root, 'packages/native/package.json'))
const folderOf = (name) => dirname(fromNative.resolve(`${name}/package.json`))
const zig = ensureZig()

function cmake(args) {
  const { status, error, stdout, stderr } = spawnSync('cmake', args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, ...zigEnvironment },
  })
  if (status === 0) return
  throw new Error(`${stdout ?? ''}${stderr ?? ''}\ncmake ${args.join(' ')} ${error?.message ?? `ended with ${status}`}`)
}

function build(name) {
  const { addon, triple, system, processor } = targets[name]
  const buildDir = join(root, 'packages', addon, 'build', name)
  mkdirSync(buildDir, { recursive: true })
  const warnings = system === 'Darwin' ? ' -Wunguarded-availability' : ''
  cmake([
    ...['-S', join(root, 'packages', addon, 'native'), '-B', buildDir],
    '-DCMAKE_BUILD_TYPE=Release',
    '-DLOOP_STATIC_RUNTIME=ON',
    `-DCMAKE_SYSTEM_NAME=${system}`,
    `-DCMAKE_SYSTEM_PROCESSOR=${processor}`,
    `-DCMAKE_CXX_COMPILER=${zig};c++`,
    `-DCMAKE_CXX_FLAGS=-target ${triple}${warnings}`,
    '-DCMAKE_SHARED_LINKER_FLAGS=-s',
    '-DCMAKE_MODULE_LINKER_FLAGS=-s',
    '-DCMAKE_OSX_SYSROOT=',
    `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${buildDir}`,
    `-DNODE_API_HEADERS=${join(folderOf('node-api-headers'), 'include')}`,
    `-DNODE_ADDON_API=${folderOf('node-addon-api')}`,
    `-DUV_INCLUDE=${uvInclude()}`,
  ])
  cmake(['--build', buildDir, '-j2'])
  const built = join(buildDir, 'loop.node')
  const problems = inspectBinary(built, targets[name])
  if (problems.length > 0) throw new Error(problems.map((problem) => `${name}: ${problem}`).join('\n'))
  const target = join(root, 'packages', addon, 'prebuilds', name, 'loop.node')
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(built, `${target}.new`)
  renameSync(`${target}.new`, target)
  return target
}

let failed = 0
for (const name of wanted) {
  const start = performance.now()
  try {
    const file = build(name)
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    console.log(`${name.padEnd(18)} ${(statSync(file).size / 1024).toFixed(0).padStart(5)} KiB  ${seconds} s`)
  } catch (error) {
    failed++
    console.error(error.message)
  }
}
if (failed > 0) process.exitCode = 1
