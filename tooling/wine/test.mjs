// node tooling/wine/test.mjs [iocp|afd|select] [MAJOR] [FILTER...]: the conformance suite on one of Windows' mechanisms (iocp if
// left out), in node.exe under Wine. Reports: reports/conformance-iocp.json of Node 20, conformance-iocp-node-22.json, ...
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { releases, requireWine, root, runNode, stop, windowsPath } from './wine.mjs'

const args = process.argv.slice(2)
const mechanisms = { iocp: 'proactor-win', afd: 'selector-win', select: 'selector-win' }
const mechanism = args[0] in mechanisms ? args.shift() : 'iocp'
const majors = /^\d+$/.test(args[0] ?? '') ? [args.shift()] : Object.keys(releases)

requireWine()
// A loop of the other kind may be made beside.
for (const addon of new Set(Object.values(mechanisms))) {
  const built = spawnSync(process.execPath, ['tooling/native-build/build.mjs', '--addon', addon], {
    cwd: root,
    stdio: 'inherit',
  })
  if (built.status !== 0) process.exit(1)
}

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
