// Brings a checkout to where everything runs: pnpm, dependencies, addon, compiled TypeScript. Each stage leaves a stamp,
// a fingerprint of what it was made from, and is left out while that is unchanged; then all of this takes a blink.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprint } from '../native-build/fingerprint.mjs'
import { requireToolchain } from '../native-build/toolchain.mjs'
import { ensurePnpm, environment, pnpm } from './pnpm.mjs'
import { root } from './root.mjs'
import { outputs, packages } from './workspace.mjs'

const cache = join(root, '.cache')
const host = () => environment().SETUP_HOST

/** Says what is being done, and on return how long it took. */
function say(what) {
  const start = performance.now()
  console.log(`set-up: ${what}`)
  return () => console.log(`set-up: ${what}: done in ${((performance.now() - start) / 1000).toFixed(1)} s`)
}

/** Runs `work` unless it was done on the very same inputs and its results still exist. */
function stage(name, inputs, results, work) {
  const stamp = join(cache, `${name}.stamp`)
  const isDone =
    existsSync(stamp) && readFileSync(stamp, 'utf8') === inputs && results.every((path) => existsSync(path))
  if (isDone) return
  rmSync(stamp, { force: true })
  work()
  mkdirSync(cache, { recursive: true })
  writeFileSync(stamp, inputs)
}

/** Runs pnpm quietly; what it said is shown when it fails. */
function quietly(what, args) {
  const { status, stdout, stderr, error } = pnpm(args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  })
  if (status !== 0)
    throw new Error(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}${what} failed (see above)`)
}

function requireNode() {
  const major = Number(process.versions.node.split('.')[0])
  if (major < 20) throw new Error(`This needs Node 20 or newer; this is Node ${process.version}`)
}

/** pnpm and the dependencies: enough for the linter and for changesets. */
export function install() {
  requireNode()
  ensurePnpm(say)
  const manifests = packages().map((path) => `${path}/package.json`)
  const inputs = fingerprint(root, ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests])
  stage('install', inputs, [join(root, 'node_modules/.modules.yaml')], () => {
    const done = say('dependencies')
    quietly('pnpm install', ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'])
    done()
  })
}

/** Everything: a checkout that has been through this can run, test and measure. */
export function setUp() {
  install()
  const sources = packages().flatMap((path) =>
    ['src', 'native', 'tsconfig.json', 'rolldown.config.mjs', 'public_declarations.mjs', 'package.json'].map(
      (name) => `${path}/${name}`,
    ),
  )
  const inputs = fingerprint(
    root,
    ['pnpm-lock.yaml', 'turbo.json', 'tooling/tsconfig', 'tooling/native-build', 'packages/native', ...sources],
    [host()],
  )
  stage('build', inputs, outputs(), () => {
    if (process.platform === 'linux') requireToolchain()
    const done = say('native addon (CMake) and TypeScript (tsc)')
    quietly('The build', ['exec', 'turbo', 'run', 'build', '--output-logs=errors-only'])
    done()
  })
}

/** Ends the process with a message for the reader, not with a stack of our own frames. */
export function orExplain(work) {
  try {
    return work()
  } catch (error) {
    console.error(error.message)
    process.exit(1)
  }
}
