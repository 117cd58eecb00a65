import { createInterface } from 'node:readline'
import type { Program } from './ast.js'
import { runProgram } from './program.js'

/**
 * Runs programs on our loop: one JSON program a line comes in, one JSON trace a line goes out, as from
 * python/interpret.py. A process of its own, so that a program which never ends can be ended.
 */
process.stdout.write(`${JSON.stringify({ version: process.versions.node.split('.').map(Number) })}\n`)
for await (const line of createInterface({ input: process.stdin })) {
  const trace = await runProgram(JSON.parse(line) as Program)
  process.stdout.write(`${JSON.stringify({ trace, changed: [] })}\n`)
}
