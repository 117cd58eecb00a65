// The kqueue backend without a Mac:  node tooling/kqueue-shim/test.mjs [--asan | --tsan] [--name NAME]
// Builds the stand-in and the backend's own sources over it, runs the tests of both, and the conformance suite; under TSan
// what of the suite has threads.
import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({
  options: { asan: { type: 'boolean' }, tsan: { type: 'boolean' }, name: { type: 'string', default: 'kqueue-shim' } },
})
const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '../..')
const kind = values.asan ? 'asan' : values.tsan ? 'tsan' : 'release'
const folder = join(root, 'packages/kqueue-darwin/build', kind)

function run([command, ...before], after, env = {}) {
  const args = [...before, ...after]
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  })
  if (error) console.error(error.message)
  if (status === 0) return
  console.error(`${command} ${args.join(' ')} ended with ${signal ?? status}`)
  process.exitCode = 1
}

const library = (name) => spawnSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout.trim()
const sanitizers = {
  release: { compile: [], env: {} },
  asan: {
    compile: ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined'],
    // Node keeps what it allocates until the process ends.
    env: {
      LD_PRELOAD: `${library('libasan.so')}:${library('libubsan.so')}`,
      ASAN_OPTIONS: 'detect_leaks=0:abort_on_error=1',
      UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
    },
  },
  tsan: {
    compile: ['-fsanitize=thread'],
    env: {
      LD_PRELOAD: library('libtsan.so'),
      // Only our code is instrumented; what Node's own threads do looks like races to those who saw half of it. With this
      // there is no report to be suppressed.
      TSAN_OPTIONS: 'ignore_noninstrumented_modules=1:halt_on_error=1:abort_on_error=1:detect_deadlocks=0',
    },
    // Its shadow memory has fixed places, which kernels that spread addresses further than it knows may have given away.
    prefix: ['setarch', '-R'],
    drivers: ['thread'],
    // Without the files that start shells: libtsan, which they would inherit, crashes Debian's.
    files: ['readers_writers', 'loop_io', 'teardown', 'thread_handles', 'executor', 'sock_operations', 'streams'],
  },
}[kind]
const { prefix = [], drivers = ['uv', 'thread'], files = [] } = sanitizers
const node = [...prefix, process.execPath]

mkdirSync(folder, { recursive: true })
const program = join(folder, 'shim_test')
const sources = ['test/shim_test.cc', 'queue.cc', 'kqueue.cc', 'descriptor_filter.cc'].map((name) => join(here, name))
run(
  ['g++'],
  [
    ...['-std=c++17', '-Wall', '-Wextra', '-Werror', '-pthread', ...sanitizers.compile],
    ...[`-I${join(here, 'include')}`, `-I${here}`, ...sources, '-Wl,--wrap=close,--wrap=fstat', '-o', program],
  ],
)
run([...prefix, program], [])

run(
  [process.execPath],
  [...['tooling/native-build/build.mjs', '--addon', 'kqueue-darwin'], ...(kind === 'release' ? [] : [`--${kind}`])],
)
const env = {
  ...sanitizers.env,
  LOOP_BACKEND_PATH: join(folder, 'loop.node'),
  NODE_OPTIONS: `--require=${join(here, 'pretend-darwin.cjs')}`,
}
run(node, ['packages/epoll-linux/test/run.mjs', '--name', `native-${values.name}`, '--folder', join(here, 'test')], env)
for (const driver of drivers) {
  const name = `${values.name}${driver === 'uv' ? '' : `-${driver}`}`
  run(node, ['tooling/conformance/dist/run.js', '--selector', 'kqueue', '--name', name, ...files], {
    ...env,
    LOOP_DRIVER: driver,
  })
}
