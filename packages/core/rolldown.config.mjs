// What is published, and tested: the sources as a few files. One module to load instead of three hundred makes a program start
// in a third of the time and with two megabytes less on its heap; see docs/decisions/0028-size.md.
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { defineConfig } from 'rolldown'

const { exports, dependencies, optionalDependencies } = JSON.parse(
  readFileSync(new URL('package.json', import.meta.url), 'utf8'),
)
const entry = (file) => [
  file.slice('./dist/'.length, -'.js'.length),
  file.replace('./dist/', 'src/').replace(/js$/, 'ts'),
]

/** What an earlier build left must not get published. The declarations are the compiler's. */
const cleared = {
  name: 'cleared',
  buildStart() {
    const output = new URL('dist/', import.meta.url)
    for (const name of readdirSync(output, { recursive: true })) {
      if (name.endsWith('.js')) rmSync(new URL(name.replaceAll('\\', '/'), output))
    }
  },
}

export default defineConfig({
  input: {
    ...Object.fromEntries(Object.values(exports).flatMap((target) => (target.default ? [entry(target.default)] : []))),
    // Started by its URL, in each thread of a pool.
    thread_job: 'src/executors/thread_job.ts',
    // For the stand-in of a completion port, in the conformance suite.
    'backend/load': 'src/backend/load.ts',
    'loop/chained_driver': 'src/loop/chained_driver.ts',
    'loop/thread_waiting': 'src/loop/thread_waiting.ts',
  },
  // Whatever is not ours stays where the user's package manager puts it.
  external: [/^node:/, ...Object.keys({ ...dependencies, ...optionalDependencies })],
  plugins: [cleared],
  platform: 'node',
  resolve: { extensionAlias: { '.js': ['.ts'] } },
  // What Node 20 runs, as in tooling/tsconfig. Names and lines stay as they are, for stacks.
  transform: { target: 'es2022' },
  preserveEntrySignatures: 'strict',
  output: { dir: 'dist', format: 'esm', chunkFileNames: '[name].js', comments: false, keepNames: true },
})
