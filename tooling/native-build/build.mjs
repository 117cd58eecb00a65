// Builds the addon of this platform:  node tooling/native-build/build.mjs [--asan | --tsan | --debug] [--addon NAME]
//
//   (nothing)  optimised, to  packages/<addon>/prebuilds/<platform>-<arch>[-musl]/loop.node
//   --debug    unoptimised, with symbols and assertions, to the same place
//   --asan     under AddressSanitizer and UBSan, to  packages/<addon>/build/asan/loop.node; load it with
//              LOOP_BACKEND_PATH and LD_PRELOAD=$(g++ -print-file-name=libasan.so)
//   --tsan     under ThreadSanitizer, to  packages/<addon>/build/tsan/loop.node, likewise
//   --addon    kqueue-darwin on Linux: over the stand-in for kqueue, to  packages/kqueue-darwin/build/<kind>/loop.node
//              proactor-win, selector-win on Linux: with MinGW, to  packages/<addon>/prebuilds/win32-x64/loop.node
//
// The loader finds development builds and published ones in the same folder, so there is one path to test.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { addons, own, platform, root } from './addons.mjs'
import { fingerprint } from './fingerprint.mjs'
import { mingw, requireMingw } from './mingw.mjs'
import { requireToolchain, uvInclude } from './toolchain.mjs'

const { values: flags } = parseArgs({
  options: {
    asan: { type: 'boolean' },
    tsan: { type: 'boolean' },
    debug: { type: 'boolean' },
    addon: { type: 'string', default: own },
  },
})
const kind = flags.asan ? 'asan' : flags.tsan ? 'tsan' : flags.debug ? 'debug' : 'release'
const { addon } = flags

const fail = (message) => {
  console.error(message)
  process.exit(1)
}

if (addon === undefined) {
  console.log(`native addon: nothing to build on ${process.platform} yet`)
  process.exit(0)
}
if (!(addon in addons)) fail(`There is no addon ${addon}; there are ${Object.keys(addons).join(', ')}`)

const packageDir = join(root, 'packages', addon)
const buildDir = join(packageDir, 'build', kind)
const built = join(buildDir, 'loop.node')
const isCross = addons[addon].platform === 'win32' && process.platform !== 'win32'
// What is instrumented, or over a stand-in for its system, is for tests and must not be taken for the real one.
const isForTests = flags.asan || flags.tsan || (addon !== own && !isCross)
const targetPlatform = isCross ? mingw.platform : platform
const target = isForTests ? built : join(packageDir, 'prebuilds', targetPlatform, 'loop.node')

try {
  requireToolchain()
  if (isCross) requireMingw()
} catch (error) {
  fail(error.message)
}

const fromNative = createRequire(join(root, 'packages/native/package.json'))
const folderOf = (name) => dirname(fromNative.resolve(`${name}/package.json`))

const SANITIZE = {
  asan: '-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer',
  tsan: '-fsanitize=thread -fno-omit-frame-pointer',
}[kind]
const configure = [
  ...['-S', join(packageDir, 'native'), '-B', buildDir],
  `-DCMAKE_BUILD_TYPE=${{ release: 'Release', debug: 'Debug', asan: 'RelWithDebInfo', tsan: 'RelWithDebInfo' }[kind]}`,
  `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${buildDir}`,
  `-DNODE_API_HEADERS=${join(folderOf('node-api-headers'), 'include')}`,
  `-DNODE_ADDON_API=${folderOf('node-addon-api')}`,
  `-DUV_INCLUDE=${uvInclude()}`,
  ...(isCross ? mingw.configure : []),
  ...(SANITIZE
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
  [
    'packages/native',
    `packages/${addon}/native`,
    'tooling/native-build',
    ...(addon === own ? [] : ['tooling/kqueue-shim']),
  ],
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
if (!isForTests) {
  mkdirSync(dirname(target), { recursive: true })
  // Renamed into place: overwriting the bytes of a library that a running process has mapped would crash it.
  copyFileSync(built, `${target}.new`)
  renameSync(`${target}.new`, target)
}
writeFileSync(stamp, state())
console.log(
  `native addon: ${addon}, ${kind} for ${targetPlatform}, ${((performance.now() - start) / 1000).toFixed(1)} s`,
)
