import { sleep, TaskGroup } from '@loop/core'

/** A group whose third worker fails half way: the others are cancelled and their clean-up runs. What happened, in order. */
export async function failHalfWay(): Promise<string[]> {
  const log: string[] = []
  const worker = async (id: number) => {
    try {
      for (let step = 1; ; step++) {
        await sleep(10)
        if (id === 3 && step === 5) throw new Error('worker 3 broke at step 5')
      }
    } finally {
      log.push(`worker ${id} cleaned up`)
    }
  }
  try {
    await TaskGroup.run(async (group) => {
      for (const id of [1, 2, 3, 4]) group.createTask(() => worker(id))
    })
  } catch (error) {
    const errors = (error as AggregateError).errors as Error[]
    log.push(`the group ended with: ${errors.map((one) => one.message).join('; ')}`)
  }
  return log
}
