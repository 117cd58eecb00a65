// node public_declarations.mjs, after the compiler: copies to types/ the declarations that an entry point leads to, which is
// what users compile against. The others are for this package's own tests and are not published.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const folder = fileURLToPath(new URL('.', import.meta.url))
const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
const left = Object.values(exports).flatMap(({ types }) => (types ? [types.slice('./types/'.length)] : []))
const written = new Set()

rmSync(join(folder, 'types'), { recursive: true, force: true })
for (let file = left.pop(); file !== undefined; file = left.pop()) {
  if (written.has(file)) continue
  written.add(file)
  const text = readFileSync(join(folder, 'dist', file), 'utf8')
  const target = join(folder, 'types', file)
  mkdirSync(dirname(target), { recursive: true })
  // A tab for each four spaces of indentation, which the compiler always writes: it has no option for either.
  writeFileSync(
    target,
    text.replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4)),
  )
  for (const { fileName } of ts.preProcessFile(text).importedFiles) {
    if (fileName.startsWith('.')) left.push(normalize(join(dirname(file), fileName.replace(/\.js$/, '.d.ts'))))
  }
}
