// node tooling/wine/test.mjs [iocp|afd|select] [MAJOR] [FILTER...]: the conformance suite on one of Windows' mechanisms (iocp if
// left out), in node.exe under Wine. Reports: reports/conformance-iocp.json of Node 20, conformance-iocp-node-22.json, ...
import { join } from 'node:path'
import { buildAddons, releases, requireWine, root, runNode, stop, windowsPath } from './wine.mjs'

const args = process.argv.slice(2)
const mechanism = ['iocp', 'afd', 'select'].includes(args[0]) ? args.shift() : 'iocp'
const majors = /^\d+$/.test(args[0] ?? '') ? [args.shift()] : Object.keys(releases)

requireWine()
buildAddons()

const runner = windowsPath(join(root, 'tooling/conformance/dist/run.js'))
for (const major of majors) {
  // Linux has a select() of its own.
  const kind = mechanism === 'select' ? 'select-win' : mechanism
  const name = major === '20' ? kind : `${kind}-node-${major}`
  const { code, text } = runNode(major, [runner, '--selector', mechanism, '--name', name, ...args])
  process.stdout.write(text)
  if (code === 0) continue
  console.error(`Node ${major} under Wine ended with ${code}`)
  process.exitCode = 1
}
stop()
