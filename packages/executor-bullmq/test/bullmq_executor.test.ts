import { CancelledError } from '@loop/core'
import { describe, expect, it } from 'vitest'
import { BullMQExecutor } from '../src/index.js'

/** Nobody listens there, and nothing here asks. */
const nowhere = { connection: { host: '127.0.0.1', port: 1 } }

describe('BullMQExecutor', () => {
  it('refuses at the call what cannot leave the process, before it connects', () => {
    const executor = new BullMQExecutor(nowhere)
    const outer = 1
    expect(() => executor.submit({ fn: () => outer, args: [] })).toThrow(/uses `outer`/)
    expect(() => executor.submit({ fn: (a: unknown) => a, args: [Symbol('s')] })).toThrow(/argument 1 is a symbol/)
    expect(() => executor.submit({ module: './here.js', name: 'x', args: [] })).toThrow(/relative/)
  })

  it('that was never used has nothing to shut down, and takes nothing afterwards', async () => {
    const executor = new BullMQExecutor(nowhere)
    await executor.shutdown()
    await executor.shutdown({ wait: false, cancelFutures: true })
    expect(() => executor.submit({ fn: () => 1, args: [] })).toThrow(
      expect.objectContaining({ code: 'ERR_EXECUTOR_SHUTDOWN' }),
    )
  })

  it('sends nothing whose signal has aborted', async () => {
    const executor = new BullMQExecutor(nowhere)
    await expect(executor.submit({ fn: () => 1, args: [] }, { signal: AbortSignal.abort() })).rejects.toThrow(
      CancelledError,
    )
    await executor.shutdown()
  })
})
