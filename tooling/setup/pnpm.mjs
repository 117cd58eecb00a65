// The pinned package manager, in a folder of this checkout. npm fetches it, because npm is what every Node comes with;
// corepack is not part of every Node, and a global install would change the user's machine.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { root } from './root.mjs'

const home = join(root, '.cache/pnpm')
const program = join(home, 'node_modules/pnpm/bin/pnpm.cjs')

function pinned() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const [, version, sha512] = /^pnpm@([\d.]+)\+sha512\.([0-9a-f]{128})$/.exec(packageManager)
  return { version, integrity: `sha512-${Buffer.from(sha512, 'hex').toString('base64')}` }
}

/** What npm noted about the copy in `.cache/pnpm`: its version, and the hash of the archive that it unpacked. */
function installed() {
  const lockfile = join(home, 'node_modules/.package-lock.json')
  if (!existsSync(program) || !existsSync(lockfile)) return undefined
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages['node_modules/pnpm']
}

const isPinned = (found, wanted) => found?.version === wanted.version && found.integrity === wanted.integrity

/** Runs npm as the npm that started us, else as the one in PATH. */
function npm(args) {
  const started = process.env.npm_execpath
  const own = started !== undefined && /npm-cli\.[cm]?js$/.test(started)
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], cwd: root }
  return own
    ? spawnSync(process.execPath, [started, ...args], options)
    : spawnSync('npm', args, { ...options, shell: process.platform === 'win32' })
}

/** Fetches pnpm unless the pinned one is here. */
export function ensurePnpm(say) {
  const wanted = pinned()
  if (isPinned(installed(), wanted)) return
  const done = say(`pnpm ${wanted.version} through npm`)
  const { status, error, stderr } = npm([
    ...['install', '--prefix', home, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'],
    `pnpm@${wanted.version}`,
  ])
  if (status !== 0) {
    const why = error ? error.message : stderr.trim()
    throw new Error(`npm could not fetch pnpm ${wanted.version} (is the registry reachable?):\n${why}`)
  }
  if (!isPinned(installed(), wanted)) {
    throw new Error(
      `What npm fetched is not the pnpm ${wanted.version} that package.json pins by hash; remove .cache/pnpm`,
    )
  }
  done()
}

/** The environment for what we start: this Node and the pinned pnpm come first, nothing reports home. */
export function environment() {
  const first = [join(home, 'node_modules/.bin'), join(root, 'node_modules/.bin'), dirname(process.execPath)]
  // npm's own settings would reach pnpm under the same names and mean something else there.
  const rest = Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_/i.test(name))
  return {
    ...Object.fromEntries(rest),
    PATH: [...first, process.env.PATH ?? ''].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    // pnpm would otherwise warn, before each task, of every package that is made for another platform.
    npm_config_loglevel: 'error',
    // Part of every cache key: what one Node's tests say is no answer for another.
    SETUP_HOST: `${process.version} ${process.platform} ${process.arch}`,
  }
}

export const pnpm = (args, options) =>
  spawnSync(process.execPath, [program, ...args], { cwd: root, env: environment(), ...options })
