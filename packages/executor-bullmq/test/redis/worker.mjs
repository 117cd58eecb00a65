// node worker.mjs OPTIONS: a worker as its users have one.
import { run } from '@loop/core'
import { runWorker } from '@loop/executor-bullmq'

const controller = new AbortController()
process.on('SIGTERM', () => controller.abort())
await run(() => runWorker({ ...JSON.parse(process.argv[2]), signal: controller.signal }))
console.log('ended')
