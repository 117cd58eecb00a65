// Builds what is published:  npm run prebuild -- --all | TARGET...      (a target is linux-x64, darwin-arm64, ...)
// Looks whether it is all there:  npm run prebuild -- --check
//
// Cross-compiled on linux-x64 with the pinned compilers into packages/<addon>/prebuilds/<target>/loop.node, and looked at:
// a binary that needs a newer C library, a C++ library or an unknown symbol fails here and not on somebody's machine.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './addons.mjs'
import { inspectBinary } from './binary.mjs'
import { addonsOf, targets } from './targets.mjs'
import { uvInclude } from './toolchain.mjs'
import { ensureZig, zigEnvironment } from './zig.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean' }, check: { type: 'boolean' } },
})
// npm runs a script of this name before the one called build, and then nothing is asked of it.
if (process.env.npm_lifecycle_event === 'prebuild' && process.argv.length === 2) process.exit(0)
const wanted = values.all || values.check ? Object.keys(targets) : positionals
const unknown = wanted.filter((name) => !(name in targets))
if (wanted.length === 0 || unknown.length > 0) {
  console.error(`usage: prebuild.mjs --check | --all | TARGET...   the targets are ${Object.keys(targets).join(', ')}`)
  process.exit(2)
}

const fromNative = createRequire(join(root, 'packages/native/package.json'))
const folderOf = (name) => dirname(fromNative.resolve(`${name}/package.json`))
const fileOf = (addon, name) => join(root, 'packages', addon, 'prebuilds', name, 'loop.node')

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
  for (const addon of addonsOf(name)) {
    if (targets[name].triple === undefined) buildWithMingw(addon)
    else buildWithZig(addon, name)
  }
}

/** What one system wants of CMake beyond the others. */
const configure = {
  Linux: () => ['-DLOOP_PUBLISHED=ON'],
  Darwin: () => ['-DLOOP_PUBLISHED=ON', '-DCMAKE_OSX_SYSROOT='],
  Windows: (zig) => [
    `-DCMAKE_CXX_LINKER_LAUNCHER=${process.execPath};${join(root, 'tooling/native-build/link_delayed.mjs')}`,
    // CMake wants a compiler of resources, of which there are none.
    `-DCMAKE_RC_COMPILER=${zig}`,
  ],
}

function buildWithZig(addon, name) {
  const { triple, system, processor } = targets[name]
  const zig = ensureZig()
  const buildDir = join(root, 'packages', addon, 'build', name)
  mkdirSync(buildDir, { recursive: true })
  const warnings = system === 'Darwin' ? ' -Wunguarded-availability' : ''
  cmake([
    ...['-S', join(root, 'packages', addon, 'native'), '-B', buildDir],
    '-DCMAKE_BUILD_TYPE=Release',
    `-DCMAKE_SYSTEM_NAME=${system}`,
    `-DCMAKE_SYSTEM_PROCESSOR=${processor}`,
    `-DCMAKE_CXX_COMPILER=${zig};c++`,
    `-DCMAKE_CXX_FLAGS=-target ${triple}${warnings}`,
    '-DCMAKE_SHARED_LINKER_FLAGS=-s',
    '-DCMAKE_MODULE_LINKER_FLAGS=-s',
    `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${buildDir}`,
    `-DNODE_API_HEADERS=${join(folderOf('node-api-headers'), 'include')}`,
    `-DNODE_ADDON_API=${folderOf('node-addon-api')}`,
    `-DUV_INCLUDE=${uvInclude()}`,
    ...configure[system](zig),
  ])
  cmake(['--build', buildDir, '-j2'])
  const built = join(buildDir, 'loop.node')
  inspect(built, name)
  const target = fileOf(addon, name)
  mkdirSync(dirname(target), { recursive: true })
  copyFileSync(built, `${target}.new`)
  renameSync(`${target}.new`, target)
}

function buildWithMingw(addon) {
  const script = join(root, 'tooling/native-build/build.mjs')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--addon', addon], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
}

/** What is in it; throws what is wrong with it. */
function inspect(file, name) {
  if (!existsSync(file)) throw new Error(`${name}: ${relative(root, file)} is missing: npm run prebuild -- ${name}`)
  const { problems, description } = inspectBinary(file, targets[name])
  if (problems.length > 0) throw new Error(problems.map((problem) => `${name}: ${problem}`).join('\n'))
  return description
}

let failed = 0
for (const name of wanted) {
  const start = performance.now()
  try {
    if (!values.check) build(name)
    const seconds = ((performance.now() - start) / 1000).toFixed(0)
    for (const addon of addonsOf(name)) {
      const file = fileOf(addon, name)
      const description = inspect(file, name)
      const size = `${(statSync(file).size / 1024).toFixed(0).padStart(4)} KiB`
      console.log(
        `${name.padEnd(17)} ${addon.padEnd(13)} ${size} ${values.check ? '' : `${seconds.padStart(3)} s `} ${description}`,
      )
    }
  } catch (error) {
    failed++
    console.error(error.message)
  }
}
if (failed > 0) process.exitCode = 1
