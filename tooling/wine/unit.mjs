// node tooling/wine/unit.mjs [MAJOR] [FILTER...]: core's unit tests in node.exe under Wine, on the loops of Windows. The report is
// reports/unit-win.json of Node 20, unit-win-node-22.json, ...
import { join } from 'node:path'
import { buildAddons, requireWine, root, runNode, stop, vitest, windowsPath } from './wine.mjs'

const args = process.argv.slice(2)
const major = /^\d+$/.test(args[0] ?? '') ? args.shift() : '20'
const name = major === '20' ? 'unit-win' : `unit-win-node-${major}`

requireWine()
buildAddons()
const config = windowsPath(join(root, 'tooling/wine/vitest.config.mjs'))
const report = windowsPath(join(root, 'reports', `${name}.json`))
const { code, text } = runNode(
  major,
  [
    // WASI, of Vitest's bundler, is experimental.
    '--no-warnings',
    windowsPath(vitest()),
    'run',
    ...['--config', config, '--configLoader', 'native'],
    ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    ...args,
  ],
  { env: { NO_COLOR: '1' }, timeout: 600_000 },
)
process.stdout.write(text)
if (code !== 0) console.error(`Node ${major} under Wine ended with ${code}`)
process.exitCode = code
stop()
