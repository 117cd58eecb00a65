// node tooling/wine/test.mjs [MAJOR] [FILTER...]: the conformance suite on the completion port, in node.exe under Wine.
// Reports: reports/conformance-iocp.json of Node 20, conformance-iocp-node-22.json.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { releases, requireWine, root, runNode, stop, windowsPath } from './wine.mjs'

const args = process.argv.slice(2)
const majors = /^\d+$/.test(args[0] ?? '') ? [args.shift()] : Object.keys(releases)

requireWine()
const built = spawnSync(process.execPath, ['tooling/native-build/build.mjs', '--addon', 'proactor-win'], {
  cwd: root,
  stdio: 'inherit',
})
if (built.status !== 0) process.exit(1)

const runner = windowsPath(join(root, 'tooling/conformance/dist/run.js'))
for (const major of majors) {
  const name = major === '20' ? 'iocp' : `iocp-node-${major}`
  const { code, text } = runNode(major, [runner, '--selector', 'iocp', '--name', name, ...args])
  process.stdout.write(text)
  if (code === 0) continue
  console.error(`Node ${major} under Wine ended with ${code}`)
  process.exitCode = 1
}
stop()
