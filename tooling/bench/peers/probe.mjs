// Loaded into a server before its own program (node --import), over an IPC channel it answers what only the
// process itself can know:
//   'memory'         collects garbage, then tells what JavaScript holds, in bytes
//   'start timers'   starts chains of setTimeout beside whatever the server does
//   'stop timers'    tells how late they were, in milliseconds
import { createHistogram, performance } from 'node:perf_hooks'
import process from 'node:process'

const DELAY_MS = 10
// Spread over the delay, so that there are samples enough for a p99 within a second or two.
const CHAINS = 10

let lateness = null

function chain() {
  const due = performance.now() + DELAY_MS
  setTimeout(() => {
    if (lateness === null) return
    const lateNs = Math.round((performance.now() - due) * 1e6)
    lateness.record(Math.max(lateNs, 1))
    chain()
  }, DELAY_MS)
}

function startTimers() {
  lateness = createHistogram()
  for (let i = 0; i < CHAINS; i++) setTimeout(chain, (i * DELAY_MS) / CHAINS)
  return { chains: CHAINS, delayMs: DELAY_MS }
}

function stopTimers() {
  const { count, max } = lateness
  const report = { count, p50Ms: lateness.percentile(50) / 1e6, p99Ms: lateness.percentile(99) / 1e6, maxMs: max / 1e6 }
  lateness = null
  return report
}

async function memory() {
  // What the first collection finds to finalise is free only after the second.
  for (let i = 0; i < 2; i++) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { heapUsed, external } = process.memoryUsage()
  return { heap: heapUsed + external }
}

process.on('message', async (question) => {
  if (question === 'memory') process.send(await memory())
  else if (question === 'start timers') process.send(startTimers())
  else if (question === 'stop timers') process.send(stopTimers())
})
// The channel alone must not keep a server alive that has ended its own work.
process.channel.unref()
