// The suite for a machine that has Node and nothing else of ours:  node tooling/conformance/standalone.mjs PLATFORM
// Leaves conformance-PLATFORM.tgz (PLATFORM is linux or darwin): the suite, core and the platform's published binaries.
// There, in the unpacked folder:  node tooling/conformance/dist/run.js --selector kqueue
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../native-build/addons.mjs'
import { addonsOf, targets } from '../native-build/targets.mjs'

const [platform] = process.argv.slice(2)
const wanted = Object.keys(targets).filter(
  (name) => /^(linux|darwin)$/.test(platform) && name.startsWith(`${platform}-`),
)
if (wanted.length === 0) {
  console.error('usage: standalone.mjs linux | darwin')
  process.exit(2)
}
const missing = wanted.filter((name) =>
  addonsOf(name).some((addon) => !existsSync(join(root, 'packages', addon, 'prebuilds', name, 'loop.node'))),
)
if (missing.length > 0) {
  console.error(`There is no binary for ${missing.join(' and ')}: npm run prebuild -- ${missing.join(' ')}`)
  process.exit(1)
}

const folder = mkdtempSync(join(tmpdir(), 'loop-conformance-'))
// Laid out as the workspace is: a file of the suite looks into core.
const copy = (from, to) => cpSync(join(root, from), join(folder, to), { recursive: true, dereference: true })
try {
  for (const name of ['dist', 'certificates', 'package.json'])
    copy(`tooling/conformance/${name}`, `tooling/conformance/${name}`)
  for (const name of readdirSync(join(root, 'examples')).filter((each) => each !== 'node_modules'))
    copy(`examples/${name}`, `examples/${name}`)
  for (const name of ['dist', 'package.json']) copy(`packages/core/${name}`, `packages/core/${name}`)
  mkdirSync(join(folder, 'node_modules/@loop'), { recursive: true })
  symlinkSync('../../packages/core', join(folder, 'node_modules/@loop/core'))
  for (const addon of new Set(wanted.flatMap(addonsOf))) {
    for (const name of ['dist', 'package.json', 'prebuilds'])
      copy(`packages/${addon}/${name}`, `node_modules/@loop/${addon}/${name}`)
  }
  cpSync(realpathSync(join(root, 'packages/core/node_modules/tinypool')), join(folder, 'node_modules/tinypool'), {
    recursive: true,
  })
  const archive = join(root, `conformance-${platform}.tgz`)
  const { status } = spawnSync('tar', ['-czf', archive, '-C', folder, '.'], { stdio: 'inherit' })
  if (status !== 0) throw new Error(`tar ended with ${status}`)
  console.log(archive)
} finally {
  rmSync(folder, { recursive: true })
}
