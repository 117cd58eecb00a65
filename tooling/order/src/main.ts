import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Comparison, type Difference } from './comparison.js'
import { InterpreterProcess } from './interpreter_process.js'
import { Recording } from './recording.js'
import { PythonReference, RecordedReference, type Reference } from './reference.js'
import { type Outcome, writeReport } from './report.js'
import { writtenPrograms } from './written.js'

const usage = `usage: node dist/main.js [options]
  --programs N      compare N generated programs (2000)
  --seed S          begin with the program of seed S (1)
  --python PATH     compare with that Python (3.11 or later), or with what was recorded: "recorded"
                    (python3 if there is one, else "recorded")
  --loop NAME       run them on the loop "virtual" (core alone), or "selector" (the platform's loop with its driver,
                    which LOOP_DRIVER chooses; its clock jumps as well) (virtual)
  --report FILE     write a report in the shape of jest's`

/** Differing programs that are made smaller; the next ones would mostly have the same cause. */
const mostShrunk = 5
const linesBefore = 8

const { values: options } = parseArgs({
  options: {
    programs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    python: { type: 'string' },
    loop: { type: 'string', default: 'virtual' },
    report: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
if (options.help) {
  console.log(usage)
  process.exit()
}

if (options.loop !== 'virtual' && options.loop !== 'selector') fail(`there is no loop ${options.loop}`)

const began = performance.now()
const recording = Recording.read()
const reference = await chooseReference(options.python)
const interpreter = fileURLToPath(new URL('interpret.js', import.meta.url))
const ours = await InterpreterProcess.start(process.execPath, interpreter, options.loop)
const comparison = new Comparison(reference, ours)
const outcomes: Outcome[] = []
let compared = 0
let different = 0
let shrunk = 0

for (const program of writtenPrograms()) {
  const { difference, leftOut } = await comparison.compare(program)
  // What is written says itself which Python it needs, and an older one must not make it pass.
  if (leftOut.length > 0) throw new Error(`"${program.title}" needs a later Python than it says: ${leftOut.join(', ')}`)
  await note(program.title, difference ? [difference] : [])
}
const written = compared
for await (const batch of comparison.generated(whole('seed'), whole('programs'))) {
  compared += batch.compared - 1
  await note(`generated programs of seeds ${batch.firstSeed} to ${batch.lastSeed}`, batch.differences)
}
reference.close()
ours.close()

console.log(
  `order: ${written} written and ${compared - written} generated programs on the ${options.loop} loop, Node ${process.versions.node}`,
)
console.log(
  `       against ${reference.name}: ${different} differ (${((performance.now() - began) / 1000).toFixed(1)} s)`,
)
for (const [reason, count] of comparison.leftOut) console.log(`       left out, for 3.13 differs: ${count} x ${reason}`)
if (comparison.lostMessages > 0) {
  console.log(`       the same but for messages that CPython loses: ${comparison.lostMessages}`)
}
if (options.report !== undefined) writeReport(options.report, outcomes)
if (different > 0) process.exitCode = 1

async function note(title: string, differences: readonly Difference[]): Promise<void> {
  compared++
  different += differences.length
  const failures: string[] = []
  for (const difference of differences) {
    const smaller = shrunk++ < mostShrunk ? await comparison.minimal(difference) : difference
    failures.push(describe(smaller))
    if (shrunk <= mostShrunk) console.log(failures.at(-1))
  }
  outcomes.push({ title, failures })
}

function describe({ program, expected, actual }: Difference): string {
  let same = 0
  while (same < expected.length && expected[same] === actual[same]) same++
  const part = (trace: readonly string[]) => trace.slice(Math.max(0, same - linesBefore), same + linesBefore)
  const lines = [`${program.title} differs:`, JSON.stringify(program.main)]
  lines.push(
    `  CPython, from line ${Math.max(0, same - linesBefore) + 1}`,
    ...part(expected).map((line) => `    ${line}`),
  )
  lines.push('  here', ...part(actual).map((line) => `    ${line}`))
  return lines.join('\n')
}

async function chooseReference(python: string | undefined): Promise<Reference> {
  if (python === 'recorded') return new RecordedReference(recording)
  try {
    return await PythonReference.start(python ?? 'python3', recording)
  } catch (error) {
    if (python !== undefined) fail(`${python} is no usable Python: ${(error as Error).message}`)
    console.log(`order: no usable python3 (${(error as Error).message}), so what was recorded serves`)
    return new RecordedReference(recording)
  }
}

function whole(name: 'programs' | 'seed'): number {
  const value = Number(options[name])
  if (Number.isSafeInteger(value) && value >= 0) return value
  fail(`--${name} must be a whole number, not ${options[name]}`)
}

function fail(reason: string): never {
  console.error(`${reason}\n${usage}`)
  process.exit(2)
}
