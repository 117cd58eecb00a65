// node tooling/wine/heap.mjs: operations that are cancelled and loops that end in the middle of them, under Wine's checked heap,
// which tells of memory that is used or freed again after it was freed. The report is reports/conformance-iocp-heap.json.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildAddons, requireWine, root, runExe, runNode, stop, windowsPath } from './wine.mjs'

const files = ['cancelled_operations', 'cancelled_completions', 'teardown']
const env = { WINEDEBUG: '-all,warn+heap' }
const complaints = (text) => text.split('\n').filter((line) => /:(warn|err):heap:/.test(line))

/** Whether this Wine complains at all: no complaint says nothing otherwise. */
function heapIsChecked() {
  const folder = mkdtempSync(join(tmpdir(), 'loop-heap-'))
  try {
    const program = join(folder, 'double_free.exe')
    const source = fileURLToPath(new URL('double_free.c', import.meta.url))
    const { status } = spawnSync('x86_64-w64-mingw32-g++-posix', [source, '-o', program, '-static'], {
      stdio: 'inherit',
    })
    return status === 0 && complaints(runExe(program, [], { env }).text).length > 0
  } finally {
    rmSync(folder, { recursive: true })
  }
}

requireWine()
buildAddons()
if (!heapIsChecked()) throw new Error('This Wine does not complain of memory that is freed twice')
const runner = windowsPath(join(root, 'tooling/conformance/dist/run.js'))
const { code, text } = runNode(20, [runner, '--selector', 'iocp', '--name', 'iocp-heap', ...files], { env })
stop()
const found = complaints(text)
process.stdout.write(found.length > 40 ? `${found.slice(0, 40).join('\n')}\n…\n` : text)
if (code !== 0) console.error(`Node 20 under Wine ended with ${code}`)
if (found.length > 0) console.error(`${found.length} complaints of the heap`)
process.exitCode = code !== 0 || found.length > 0 ? 1 : 0
