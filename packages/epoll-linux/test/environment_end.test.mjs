// What the collector finds in the middle of an environment's end: Node used to read its own freed memory then. It shows where
// freed memory is overwritten.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'

const glibc = process.report.getReport().header.glibcVersionRuntime !== undefined
const skip = process.env.ASAN_OPTIONS
  ? 'a sanitizer stands in for the C library'
  : !glibc && 'no other C library overwrites what is freed'

const dropped = `
  import { pollers } from ${JSON.stringify(new URL('addon.mjs', import.meta.url))}
  let held = new pollers.select()
  process.on('exit', () => {
    held = undefined
    gc({ type: 'major', execution: 'async' })
  })
`
const inWorker = `
  import { Worker } from 'node:worker_threads'
  new Worker(new URL('data:text/javascript,' + encodeURIComponent(${JSON.stringify(dropped)})))
`
const run = (script) =>
  spawnSync(process.execPath, ['--expose-gc', '--trace-gc', '--input-type=module', '--eval', script], {
    encoding: 'utf8',
    env: { ...process.env, GLIBC_TUNABLES: 'glibc.malloc.perturb=165:glibc.malloc.tcache_count=0' },
  })

describe("an object that is collected at an environment's end", { skip }, () => {
  for (const [where, script] of Object.entries({ 'the main thread': dropped, 'a worker': inWorker })) {
    it(`goes with it, in ${where}`, () => {
      const { status, signal, stdout, stderr } = run(script)
      assert.deepEqual({ status, signal, stderr }, { status: 0, signal: null, stderr: '' })
      assert.match(stdout, /Mark-Compact/)
    })
  }
})
