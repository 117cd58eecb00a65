// node dist/main.js [--check]: writes the generated pages, or fails when one of them is not what would be written.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { BuiltPackage } from './parity/built_package.js'
import { contradictions, parity } from './parity/parity.js'
import { platforms } from './platforms.js'

const pages = { 'platforms.md': platforms, 'parity.md': parity }
const complaints = contradictions(new BuiltPackage())
for (const [name, render] of Object.entries(pages)) {
  const path = fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url))
  if (!process.argv.includes('--check')) writeFileSync(path, render())
  else if (readFileSync(path, 'utf8') !== render()) {
    complaints.push(`docs/${name} is not what the code says: run npm run docs`)
  }
}
for (const complaint of complaints) console.error(complaint)
if (complaints.length > 0) process.exitCode = 1
