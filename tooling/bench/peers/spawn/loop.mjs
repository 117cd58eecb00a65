// Processes on @loop/core:   node loop.mjs MIB SECONDS WARMUP
import { createSubprocessExec, DEVNULL, getRunningLoop, run } from '@loop/core'
import { measure } from './measure.mjs'

const options = { stdin: DEVNULL, stdout: DEVNULL, stderr: DEVNULL }

await run(async () => {
  const loop = getRunningLoop()
  await measure(
    async () => (await createSubprocessExec(['/bin/true'], options)).wait(),
    (delay, callback) => loop.callLater(delay, callback),
  )
})
