import { createInterface } from 'node:readline'
import { VirtualClockEventLoop } from '@loop/core/testing'
import type { Program } from './ast.js'
import { JumpingSelectorLoop } from './jumping_selector_loop.js'
import { runProgram } from './program.js'

/**
 * Runs programs on our loop: one JSON program a line comes in, one JSON trace a line goes out, as from
 * python/interpret.py. A process of its own, so that a program which never ends can be ended. With the argument
 * `selector` the programs run on the platform's loop and its driver.
 */
const Loop = process.argv[2] === 'selector' ? JumpingSelectorLoop : VirtualClockEventLoop
process.stdout.write(`${JSON.stringify({ version: process.versions.node.split('.').map(Number) })}\n`)
for await (const line of createInterface({ input: process.stdin })) {
  const trace = await runProgram(JSON.parse(line) as Program, new Loop())
  process.stdout.write(`${JSON.stringify({ trace, changed: [] })}\n`)
}
