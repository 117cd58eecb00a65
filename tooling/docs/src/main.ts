// node dist/main.js [--check]: writes the generated pages, or fails when one of them is not what would be written.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { platforms } from './platforms.js'

const pages = { 'platforms.md': platforms }
let stale = false
for (const [name, render] of Object.entries(pages)) {
  const path = fileURLToPath(new URL(`../../../docs/${name}`, import.meta.url))
  if (!process.argv.includes('--check')) writeFileSync(path, render())
  else if (readFileSync(path, 'utf8') !== render()) {
    console.error(`docs/${name} is not what the code says: run npm run docs`)
    stale = true
  }
}
if (stale) process.exitCode = 1
