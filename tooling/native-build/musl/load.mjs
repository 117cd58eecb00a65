// The addons for musl under musl's own loader, on a machine that has neither:
// node tooling/native-build/musl/load.mjs [TARGET...]
//
// musl's loader comes from Debian's package, of either processor (arm64 runs under qemu). A small host that has what
// Node-API and libuv give, and nothing else, loads each addon with all symbols bound at once. There is no Node for musl in
// the npm registry, but a Bun is, which then runs the smoke tests on the addon for x64.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../addons.mjs'
import { isHosts } from '../binary.mjs'
import { readElf } from '../elf.mjs'
import { targets } from '../targets.mjs'
import { ensureZig, zigEnvironment } from '../zig.mjs'
import { muslBun } from './bun.mjs'
import { muslLoader } from './loader.mjs'
import { run } from './run.mjs'

const zig = ensureZig()
const here = fileURLToPath(new URL('.', import.meta.url))
const addonOf = (name) => join(root, 'packages', targets[name].addon, 'prebuilds', name, 'loop.node')

/** A program for musl that loads an addon as a host of it does. */
function buildHost(name) {
  const folder = join(root, '.cache/musl', name)
  mkdirSync(folder, { recursive: true })
  const stubs = join(folder, 'stubs.c')
  const wanted = readElf(readFileSync(addonOf(name))).undefinedSymbols.filter(isHosts)
  writeFileSync(stubs, wanted.map((symbol) => `void ${symbol}(void) { __builtin_trap(); }\n`).join(''))
  const host = join(folder, 'host')
  const flags = ['-target', targets[name].triple, '-shared', '-fPIC', '-Wl,-e,start', `-DADDON="${addonOf(name)}"`]
  run(zig, ['cc', ...flags, join(here, 'host.c'), stubs, '-o', host], { env: { ...process.env, ...zigEnvironment } })
  return host
}

let failed = 0
function report(what, { status, stdout, stderr }) {
  if (status !== 0) failed++
  console.log(`${what}: ${status === 0 ? 'ok' : `FAILED\n${stdout}${stderr}`}`)
}

const all = Object.keys(targets).filter((each) => each.endsWith('-musl'))
for (const name of process.argv.length > 2 ? process.argv.slice(2) : all) {
  if (!existsSync(addonOf(name))) {
    failed++
    console.error(`${name} is not built: npm run prebuild -- ${name}`)
    continue
  }
  const [command, ...args] = muslLoader(targets[name].processor)
  report(`${name} under musl's loader`, spawnSync(command, [...args, buildHost(name)], { encoding: 'utf8' }))
}
if (failed === 0) {
  const [command, ...args] = muslBun(zig)
  const smoke = spawnSync(command, [...args, join(root, 'tooling/conformance/dist/smoke.js'), 'thread'], {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, LOOP_BACKEND_PATH: addonOf('linux-x64-musl') },
  })
  report('linux-x64-musl in a Bun for musl', smoke)
  console.log(smoke.stdout.trim().split('\n').at(-1))
}
if (failed > 0) process.exitCode = 1
