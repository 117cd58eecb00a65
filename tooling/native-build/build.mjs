// Builds the addon of this platform:  node tooling/native-build/build.mjs [--asan] [--debug]
//
//   (nothing)  optimised, to  packages/epoll-linux/prebuilds/<platform>-<arch>[-musl]/loop.node
//   --debug    unoptimised, with symbols and assertions, to the same place
//   --asan     under AddressSanitizer and UBSan, to  packages/epoll-linux/build/asan/loop.node; load it with
//              LOOP_BACKEND_PATH and LD_PRELOAD=$(g++ -print-file-name=libasan.so)
//
// The loader finds development builds and published ones in the same folder, so there is one path to test.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { fingerprint } from './fingerprint.mjs'
import { requireToolchain, uvInclude } from './toolchain.mjs'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values: flags } = parseArgs({ options: { asan: { type: 'boolean' }, debug: { type: 'boolean' } } })
const kind = flags.asan ? 'asan' : flags.debug ? 'debug' : 'release'

const isMusl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime
const platform = `${process.platform}-${process.arch}${isMusl ? '-musl' : ''}`

if (process.platform !== 'linux') {
  console.log(`native addon: nothing to build on ${process.platform} yet`)
  process.exit(0)
}

const packageDir = join(root, 'packages/epoll-linux')
const buildDir = join(packageDir, 'build', kind)
const built = join(buildDir, 'loop.node')
const target = flags.asan ? built : join(packageDir, 'prebuilds', platform, 'loop.node')

const fail = (message) => {
  console.error(message)
  process.exit(1)
}

try {
  requireToolchain()
} catch (error) {
  fail(error.message)
}

const fromNative = createRequire(join(root, 'packages/native/package.json'))
const folderOf = (name) => dirname(fromNative.resolve(`${name}/package.json`))

const SANITIZE = '-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer'
const configure = [
  ...['-S', join(packageDir, 'native'), '-B', buildDir],
  `-DCMAKE_BUILD_TYPE=${{ release: 'Release', debug: 'Debug', asan: 'RelWithDebInfo' }[kind]}`,
  `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${buildDir}`,
  `-DNODE_API_HEADERS=${join(folderOf('node-api-headers'), 'include')}`,
  `-DNODE_ADDON_API=${folderOf('node-addon-api')}`,
  `-DUV_INCLUDE=${uvInclude()}`,
  ...(flags.asan
    ? [
        `-DCMAKE_CXX_FLAGS=${SANITIZE}`,
        `-DCMAKE_SHARED_LINKER_FLAGS=${SANITIZE}`,
        `-DCMAKE_MODULE_LINKER_FLAGS=${SANITIZE}`,
      ]
    : []),
]

const stamp = join(packageDir, 'build', `${kind}.stamp`)
const flagsOfEnvironment = ['CC', 'CXX', 'CFLAGS', 'CXXFLAGS', 'LDFLAGS'].map((name) => process.env[name] ?? '')
const inputs = fingerprint(
  root,
  ['packages/native', 'packages/epoll-linux/native', 'tooling/native-build'],
  [target, ...configure, ...flagsOfEnvironment],
)
// The stamp also holds the binary's own fingerprint: release and debug share a target, and a cache may have put back another.
const state = () => `${inputs} ${fingerprint(root, [relative(root, target)])}\n`
if (existsSync(target) && existsSync(stamp) && readFileSync(stamp, 'utf8') === state()) process.exit(0)

function cmake(args) {
  const { status, error, stdout, stderr } = spawnSync('cmake', args, { encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status === 0) return
  fail(
    `${stdout ?? ''}${stderr ?? ''}\nThe native addon was not built: cmake ${args.join(' ')} ${error ? error.message : `ended with ${status}`}`,
  )
}

const start = performance.now()
mkdirSync(buildDir, { recursive: true })
cmake(configure)
cmake(['--build', buildDir, '-j2'])
if (!existsSync(built))
  fail(`CMake ended well but left no ${built}; its target must be a MODULE library named loop.node`)
if (!flags.asan) {
  mkdirSync(dirname(target), { recursive: true })
  // Renamed into place: overwriting the bytes of a library that a running process has mapped would crash it.
  copyFileSync(built, `${target}.new`)
  renameSync(`${target}.new`, target)
}
writeFileSync(stamp, state())
console.log(`native addon: ${kind} for ${platform}, ${((performance.now() - start) / 1000).toFixed(1)} s`)
