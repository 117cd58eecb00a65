// Processes on node:child_process:   node child-process.mjs MIB SECONDS WARMUP
import { spawn } from 'node:child_process'
import { measure } from './measure.mjs'

await measure(
  () =>
    new Promise((resolve, reject) =>
      spawn('/bin/true', { stdio: 'ignore' }).once('exit', resolve).once('error', reject),
    ),
  (delay, callback) => setTimeout(callback, delay),
)
