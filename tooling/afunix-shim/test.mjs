// node tooling/afunix-shim/test.mjs [MAJOR] [FILTER...]: builds the stand-in, runs its self-check, and the conformance suite on
// the addon that calls it, in node.exe (20 if left out) under Wine. The report is reports/conformance-iocp-unix.json.
import { join } from 'node:path'
import { buildAddons, requireWine, root, runExe, runNode, stop, windowsPath } from '../wine/wine.mjs'
import { buildShim } from './build.mjs'

const args = process.argv.slice(2)
const major = /^\d+$/.test(args[0] ?? '') ? args.shift() : '20'
/** What is about Unix sockets. */
const filters = args.length > 0 ? args : ['unix_', 'stream_servers', 'platform_limits']

function report({ code, text }, what) {
  process.stdout.write(text)
  if (code === 0) return true
  console.error(`${what} under Wine ended with ${code}`)
  process.exitCode = 1
  return false
}

requireWine()
buildAddons()
const { addon, selfCheck } = buildShim()
// Without a stand-in that works the suite says nothing.
if (report(runExe(selfCheck, [], { timeout: 60_000 }), 'The self-check')) {
  const runner = windowsPath(join(root, 'tooling/conformance/dist/run.js'))
  const name = major === '20' ? 'iocp-unix' : `iocp-unix-node-${major}`
  const env = { LOOP_BACKEND_PATH: windowsPath(addon) }
  report(runNode(major, [runner, '--selector', 'iocp', '--name', name, ...filters], { env }), `Node ${major}`)
}
stop()
