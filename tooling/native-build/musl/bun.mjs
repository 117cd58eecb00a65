// Bun for musl, as npm carries it. It wants a libstdc++, of which Debian has none for musl: glibc's is taken, with a
// library in glibc's loader's place (which it names) that gives the few symbols that musl lacks.
import { copyFileSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../addons.mjs'
import { zigEnvironment } from '../zig.mjs'
import { muslLoader } from './loader.mjs'
import { run } from './run.mjs'

const PACKAGE = '@oven/bun-linux-x64-musl'
const VERSION = '1.4.5'
const here = fileURLToPath(new URL('.', import.meta.url))
const folder = join(root, '.cache/musl/bun')

/** The command line of a Bun whose C library is musl. */
export function muslBun(zig) {
  const bun = join(folder, 'node_modules', PACKAGE, 'bin/bun')
  if (!existsSync(bun)) {
    const quiet = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    // npm passes over a package for another C library than the one it runs on, unless it is forced.
    run('npm', ['install', '--force', '--prefix', folder, ...quiet, `${PACKAGE}@${VERSION}`])
  }
  const libraries = join(folder, 'lib')
  mkdirSync(libraries, { recursive: true })
  for (const name of ['libstdc++.so.6', 'libgcc_s.so.1']) {
    copyFileSync(run('g++', [`-print-file-name=${name}`]).trim(), join(libraries, name))
  }
  const loader = 'ld-linux-x86-64.so.2'
  run(
    zig,
    [
      ...['cc', '-target', 'x86_64-linux-musl', '-shared', '-fPIC', `-Wl,-soname,${loader}`],
      ...[join(here, 'glibc.c'), '-o', join(libraries, loader)],
    ],
    { cwd: dirname(libraries), env: { ...process.env, ...zigEnvironment } },
  )
  return [...muslLoader('x86_64'), '--library-path', libraries, bun]
}
