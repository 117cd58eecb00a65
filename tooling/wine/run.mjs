// node tooling/wine/run.mjs MAJOR SCRIPT [ARGUMENT...]: runs a program in node.exe under Wine.
import { resolve } from 'node:path'
import { requireWine, runNode, stop, windowsPath } from './wine.mjs'

const [major, script, ...rest] = process.argv.slice(2)
if (script === undefined) {
  console.error('usage: run.mjs MAJOR SCRIPT [ARGUMENT...]')
  process.exit(2)
}
requireWine()
const { code, text } = runNode(major, [windowsPath(resolve(script)), ...rest])
process.stdout.write(text)
stop()
process.exitCode = code
