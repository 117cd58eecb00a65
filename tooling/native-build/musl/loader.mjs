// musl's loader, which is also its C library, from Debian's package of the processor that is asked for. The machine's own
// packages stay as they are: apt is given lists and a cache of its own.
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../addons.mjs'
import { run } from './run.mjs'

const DEBIAN = { x86_64: 'amd64', aarch64: 'arm64' }

/** The command line to put before a program's, for musl on `processor`. */
export function muslLoader(processor) {
  const folder = join(root, '.cache/musl', processor)
  const loader = join(folder, 'root/lib', `ld-musl-${processor}.so.1`)
  if (!existsSync(loader)) fetch(folder, DEBIAN[processor])
  return processor === 'aarch64' && process.arch !== 'arm64' ? ['qemu-aarch64', loader] : [loader]
}

function fetch(folder, architecture) {
  for (const name of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(folder, name), { recursive: true })
  const options = [
    `APT::Architecture=${architecture}`,
    `APT::Architectures::=${architecture}`,
    `Dir::State::lists=${join(folder, 'lists')}`,
    `Dir::Cache=${join(folder, 'cache')}`,
    'Dir::State::status=/dev/null',
    // Its unprivileged user may not write into a folder of ours.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option])
  run('apt-get', [...options, '-qq', 'update'])
  run('apt-get', [...options, '-qq', 'download', 'musl'], { cwd: folder })
  const archive = readdirSync(folder).find((name) => name.endsWith('.deb'))
  run('dpkg-deb', ['-x', join(folder, archive), join(folder, 'root')])
}
