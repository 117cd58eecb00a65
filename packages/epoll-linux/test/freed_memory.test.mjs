// The bound above which glibc returns freed memory follows the largest block that was freed, as does the size from which
// a block has a mapping of its own. The latter can be seen: a block below it is a part of the heap.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'

const glibc = process.report.getReport().header.glibcVersionRuntime !== undefined
const skip = process.env.ASAN_OPTIONS
  ? 'a sanitizer stands in for the C library'
  : !glibc && 'no other C library has such a bound'

const mebibyte = 1024 * 1024
const measure = `
  import { readFileSync } from 'node:fs'
  await import(${JSON.stringify(new URL('addon.mjs', import.meta.url))})
  const heap = () => {
    const [, from, to] = /^(\\w+)-(\\w+) .*\\[heap\\]$/m.exec(readFileSync('/proc/self/maps', 'latin1'))
    return Number.parseInt(to, 16) - Number.parseInt(from, 16)
  }
  const before = heap()
  const block = Buffer.allocUnsafeSlow(24 * ${mebibyte})
  console.log(heap() - before, block.length)
`
const growth = (env) =>
  Number.parseInt(
    execFileSync(process.execPath, ['--input-type=module', '--eval', measure], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    }),
    10,
  )

describe('freed memory', () => {
  it('is kept by the C library, up to tens of megabytes', { skip }, () => {
    const grown = growth({})
    assert.ok(grown > 12 * mebibyte, `the heap grew by ${grown} bytes`)
  })

  it('is not where the user has set a bound', { skip }, () => {
    const grown = growth({ MALLOC_TRIM_THRESHOLD_: String(mebibyte) })
    assert.ok(grown < 12 * mebibyte, `the heap grew by ${grown} bytes`)
  })
})
