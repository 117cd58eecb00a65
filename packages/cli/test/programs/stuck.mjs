// A program whose tasks wait for ever, in every way there is.
import { createTask, gather, Queue, run, sleep, TaskGroup } from '@loop/core'

if (process.env.AS_NOBODY) process.setuid(65_534)

const never = () => new Promise(() => {})

await run(async function main() {
  const jobs = new Queue()
  const take = async () => {
    return await jobs.get() // [take]
  }
  const worker = createTask(
    async function work() {
      for (;;) await take() // [work]
    },
    { name: 'worker' },
  )
  createTask(
    async function query() {
      await never() // [query]
    },
    { name: 'database' },
  )
  const circle = []
  const first = async () => {
    await circle[1]
  }
  const second = async () => {
    await circle[0]
  }
  circle.push(createTask(first, { name: 'first' }), createTask(second, { name: 'second' }))
  const ready = async () => {
    await sleep(5)
    console.log('ready')
  }
  createTask(ready, { name: 'ready' })
  // biome-ignore format: the place is the whole call
  await TaskGroup.run(async (group) => { group.createTask(() => gather([worker]), { name: 'member' }) }) // [main]
})
