// Where tasks stand while a real loop runs them. The places are lines of this file as it was compiled.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  captureCallGraph,
  createTask,
  gather,
  openConnection,
  type Server,
  sleep,
  startServer,
  TaskGroup,
} from '@loop/core'
import { withinLoop } from './within_loop.js'

/** Whether a frame as text stands in a line of this file that contains `code`. */
function standsAt(frame: string | undefined, code: string): void {
  const lines = readFileSync(fileURLToPath(import.meta.url), 'utf8').split('\n')
  const [, file, line] = /\(((?:\/|[A-Z]:).*):(\d+):\d+\)$/.exec(frame ?? '') ?? []
  assert.equal(file, fileURLToPath(import.meta.url), `${frame} is not of this file`)
  assert.ok(lines[Number(line) - 1]!.includes(code), `${frame} is not where ${code} is`)
}

describe('where a task stands', () => {
  it('[CG-01] a stream that waits for its peer: the line of the program, not of the streams', () =>
    withinLoop(async ({ own }) => {
      const served = startServer(async (reader) => void (await reader.readline()), { host: '127.0.0.1', port: 0 })
      const server = own((await served) as Server)
      const { port } = server.sockets[0]!.getsockname() as { port: number }
      const [reader, writer] = await openConnection({ host: '127.0.0.1', port })
      const answer = async () => await reader.readexactly(10)
      const task = createTask(async function client() {
        return await answer()
      })
      await sleep(5)
      const stack = task.getStack()
      standsAt(stack[0], 'reader.readexactly(10)')
      standsAt(stack[1], 'await answer()')
      assert.match(stack[1]!, /^at async client \(/)
      task.cancel()
      await gather([task], { returnExceptions: true })
      writer.close()
      await writer.waitClosed()
    }))

  it('[CG-02] [CG-03] through groups and gather, up to the main task', () =>
    withinLoop(async () => {
      const inner = createTask(() => sleep(10_000), { name: 'inner' })
      const outer = createTask(async function outer() {
        await TaskGroup.run(async (group) => {
          group.createTask(async () => await gather([inner]), { name: 'member' })
        })
      })
      await sleep(5)
      const gathering = captureCallGraph(inner)!.awaitedBy[0]!
      const member = gathering.awaitedBy[0]!
      standsAt(String(member.callStack[0]), 'gather([inner])')
      assert.equal(member.awaitedBy[0]!.future, outer)
      standsAt(String(member.awaitedBy[0]!.callStack[0]), 'TaskGroup.run(')
      inner.cancel()
      await gather([outer], { returnExceptions: true })
    }))
})
