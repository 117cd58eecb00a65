import { expect, it, vi } from 'vitest'
import { BullMQExecutor } from '../../src/index.js'

it('a Redis that cannot be reached is told of once, and does not keep an executor from ending', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const executor = new BullMQExecutor({ connection: { host: '127.0.0.1', port: 1 }, queue: 'nowhere' })
  const waiting = executor.submit({ fn: () => 1, args: [] })
  await vi.waitFor(() =>
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(/ECONNREFUSED/),
      expect.objectContaining({ code: 'LOOP_REDIS' }),
    ),
  )
  const ended = executor.shutdown({ cancelFutures: true })
  await expect(waiting).rejects.toThrow('The executor was shut down')
  await ended
  expect(warn.mock.calls.map(([message]) => String(message))).toEqual([expect.stringMatching(/ECONNREFUSED/)])
  warn.mockRestore()
})
