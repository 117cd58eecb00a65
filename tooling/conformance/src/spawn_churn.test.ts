// Processes that come and go leave nothing behind.
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createSubprocessExec, DEVNULL, PIPE, type ProcessOptions } from '@loop/core'
import { children, onlyWithProcesses } from './children.js'
import { settledMemory } from './settled_memory.js'
import { openDescriptors, withinLoop } from './within_loop.js'

/** LOOP_SPAWNS: how many processes; continuous integration asks for more. */
const total = Number(process.env['LOOP_SPAWNS'] ?? 400)
const atOnce = 8
const megabyte = 1024 * 1024
/** With one pipe, with three, with none. */
const streams: ProcessOptions[] = [{ stdin: DEVNULL, stdout: PIPE }, { stdin: PIPE, stdout: PIPE, stderr: PIPE }, {}]

it(`${total} processes started and ended: no descriptor, no zombie, no memory is left`, onlyWithProcesses, () =>
  withinLoop(
    async ({ loop }) => {
      const one = async (index: number) => {
        const child = await createSubprocessExec(['true'], streams[index % streams.length])
        if (index % 2 === 0) await child.communicate()
        assert.equal(await child.wait(), 0)
      }
      const round = async (count: number) => {
        let next = 0
        const worker = async () => {
          while (next < count) await one(next++)
        }
        await Promise.all(Array.from({ length: atOnce }, () => loop.createTask(worker)))
      }
      await round(100)
      const memoryBefore = settledMemory()
      const descriptorsBefore = openDescriptors()
      await round(total)
      assert.deepEqual(children(), [])
      assert.ok(openDescriptors() <= descriptorsBefore, `${openDescriptors() - descriptorsBefore} descriptors more`)
      const growth = settledMemory() - memoryBefore
      // 50 bytes a process would be a leak; a megabyte or two is the collector's freedom.
      const allowed = 3 * megabyte + 50 * total
      assert.ok(growth < allowed, `${(growth / megabyte).toFixed(1)} MiB more`)
    },
    30_000 + total * 20,
  ),
)
