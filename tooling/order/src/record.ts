import { parseArgs } from 'node:util'
import type { Program } from './ast.js'
import { featuresOf, isSince } from './features.js'
import { generate } from './generate.js'
import { Recording } from './recording.js'
import { PythonReference } from './reference.js'
import { writtenPrograms } from './written.js'

const seeds = 2000

const { values: options } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } })
const python = await PythonReference.start(options.python, null)
if (!isSince(python.version, [3, 13])) {
  console.error(`The recording is of CPython 3.13 or later, and ${options.python} is ${python.name}`)
  process.exit(2)
}
const traces = (programs: Program[]) =>
  Promise.all(programs.map(async (program) => [program, (await python.answer(program)).trace] as const))
const written = await traces(writtenPrograms())
const features = featuresOf(python.version)
const generated = await traces(Array.from({ length: seeds }, (_, index) => generate(index + 1, features)))
python.close()
Recording.write(python.version, written, generated)
console.log(`recorded ${written.length} written and ${generated.length} generated programs under ${python.name}`)
