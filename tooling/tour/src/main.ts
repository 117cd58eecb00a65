// npm start                     the tour
// npm start -- --serve 8080     an HTTP and an echo server, until Ctrl-C
import { parseArgs } from 'node:util'
import { InterruptedError, run } from '@loop/core'
import { serve } from './serve.js'
import { tour } from './tour.js'

const { values } = parseArgs({ options: { serve: { type: 'string' } } })

if (values.serve === undefined) {
  await run(tour)
} else {
  const port = Number(values.serve)
  if (!Number.isInteger(port) || port < 1 || port > 65534) {
    console.error(`--serve takes a port between 1 and 65534, not '${values.serve}'`)
    process.exit(2)
  }
  try {
    await run(() => serve(port))
  } catch (error) {
    // Ctrl-C is how this ends.
    if (!(error instanceof InterruptedError)) throw error
  }
}
