// Would the tests notice?  node tooling/kqueue-shim/seeded.mjs
// Puts a bug into a copy of the shim or of the poller, one at a time, builds it and runs the tests on it: they must fail.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { uvInclude } from '../native-build/toolchain.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')
const sources = ['packages/native', 'packages/kqueue-darwin/native', 'tooling/kqueue-shim']
const fromNative = createRequire(join(root, 'packages/native/package.json'))
const folderOf = (name) => join(fromNative.resolve(`${name}/package.json`), '..')

/** `suite`: files of the conformance suite; without them the backend's own tests over the shim. */
const bugs = [
  {
    what: 'poller: a named FIFO is left to kqueue, which does not tell that its last writer has gone',
    file: 'packages/kqueue-darwin/native/kqueue_poller.cc',
    from: 'return S_ISFIFO(status.st_mode) && status.st_dev != 0;',
    to: 'return S_ISFIFO(status.st_mode) && status.st_dev == 1;',
    suite: ['pipes'],
  },
  {
    what: 'poller: an event is given to whoever has the number now',
    file: 'packages/kqueue-darwin/native/kqueue_poller.cc',
    from: 'return static_cast<uint64_t>(static_cast<uint32_t>(generation)) << 32 |',
    to: 'return static_cast<uint64_t>(static_cast<uint32_t>(generation & 0)) << 32 |',
  },
  {
    what: 'shim: of two filters of a descriptor the kernel watches only the second',
    file: 'tooling/kqueue-shim/queue.cc',
    from: 'found->second.is_enabled) wanted |= events;',
    to: 'found->second.is_enabled) wanted = events;',
  },
]

function run(command, args, env = {}) {
  return spawnSync(command, args, { cwd: root, encoding: 'utf8', timeout: 300_000, env: { ...process.env, ...env } })
}

function must({ status, stdout, stderr }) {
  if (status !== 0) throw new Error(`${stdout}${stderr}`)
}

/** The addon with the bug in it. */
function build({ file, from, to }, folder) {
  for (const source of sources) {
    cpSync(join(root, source), join(folder, source), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    })
  }
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} no longer has the line: ${from}`)
  writeFileSync(path, text.replace(from, to))
  const target = join(folder, 'build')
  mkdirSync(target)
  const configure = [
    ...['-S', join(folder, 'packages/kqueue-darwin/native'), '-B', target, '-DCMAKE_BUILD_TYPE=Debug'],
    `-DCMAKE_LIBRARY_OUTPUT_DIRECTORY=${target}`,
    `-DNODE_API_HEADERS=${join(folderOf('node-api-headers'), 'include')}`,
    `-DNODE_ADDON_API=${folderOf('node-addon-api')}`,
    `-DUV_INCLUDE=${uvInclude()}`,
  ]
  must(run('cmake', configure))
  must(run('cmake', ['--build', target, '-j2']))
  return join(target, 'loop.node')
}

/** The titles of the tests that failed. */
function failuresOf({ suite }, addon) {
  const env = { LOOP_BACKEND_PATH: addon, NODE_OPTIONS: `--require=${join(here, 'pretend-darwin.cjs')}` }
  const name = suite === undefined ? 'seeded' : 'conformance-seeded'
  const report = join(root, 'reports', `${name}.json`)
  const args =
    suite === undefined
      ? ['packages/epoll-linux/test/run.mjs', '--name', 'seeded', '--folder', join(here, 'test')]
      : ['tooling/conformance/dist/run.js', '--selector', 'kqueue', '--name', 'seeded', ...suite]
  run(process.execPath, args, env)
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'))
  // It is meant to fail, and is none of the run's results.
  rmSync(report)
  return testResults.flatMap(({ assertionResults }) =>
    assertionResults.filter(({ status }) => status === 'failed').map(({ title }) => title),
  )
}

for (const bug of bugs) {
  mkdirSync(join(root, '.cache'), { recursive: true })
  const folder = mkdtempSync(join(root, '.cache/seeded-'))
  try {
    const failures = failuresOf(bug, build(bug, folder))
    if (failures.length === 0) process.exitCode = 1
    console.log(
      `${bug.what}\n  ${failures.length === 0 ? 'NOT NOTICED' : `noticed by ${failures.slice(0, 3).join('; ')}`}`,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}
