// A program with a loop in its main thread and in another.
import { isMainThread, parentPort, Worker } from 'node:worker_threads'
import { getRunningLoop, run, serveIntrospection } from '@loop/core'

await run(async function main() {
  await serveIntrospection()
  if (isMainThread) {
    const worker = new Worker(new URL(import.meta.url))
    worker.on('message', (text) => console.log(text))
  } else parentPort.postMessage('ready')
  await getRunningLoop().createFuture()
})
