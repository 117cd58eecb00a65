// A program that serves its tasks, and then holds its thread.
import { run, serveIntrospection, sleep } from '@loop/core'

await run(async () => {
  await serveIntrospection()
  await new Promise((written) => process.stdout.write('ready\n', written))
  await sleep(1)
  for (;;);
})
