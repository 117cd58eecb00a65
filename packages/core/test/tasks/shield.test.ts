import { describe, expect, it } from 'vitest'
import { CancelledError, createTask, shield, sleep } from '../../src/index.js'
import { caught, virtualLoop } from './virtual_loop.js'

const at = virtualLoop()
const { run } = at

describe('shield', () => {
  it('[SHIE-01] lets results and errors through', () =>
    run(async () => {
      expect(await shield(() => sleep(10, 'result'))).toBe('result')
      const mine = new RangeError('mine')
      const failing = async () => {
        await sleep(1)
        throw mine
      }
      expect(await caught(shield(failing))).toBe(mine)
    }))

  it('[SHIE-02] cancelling what is inside cancels the shield', () =>
    run(async () => {
      const inner = createTask(() => sleep(1000))
      const outer = shield(inner)
      await sleep(1)
      inner.cancel()
      expect(await caught(outer)).toBeInstanceOf(CancelledError)
      expect(outer.cancelled()).toBe(true)
    }))

  it('[SHIE-03] cancelling the shield, or who awaits it, leaves what is inside running', () =>
    run(async () => {
      const inner = createTask(() => sleep(100, 'result'))
      const outer = shield(inner)
      const waiting = createTask(async () => await shield(inner))
      await sleep(1)
      expect(outer.cancel()).toBe(true)
      waiting.cancel()
      expect(await caught(waiting)).toBeInstanceOf(CancelledError)
      expect(inner.cancelling()).toBe(0)
      expect(await inner).toBe('result')
      expect(at.reports).toEqual([])
    }))

  it('[SHIE-04] an error that comes after the shield was cancelled is reported exactly once', () =>
    run(async () => {
      const inner = at.loop.createFuture<never>()
      const shields = [shield(inner), shield(inner)]
      for (const outer of shields) outer.cancel()
      await sleep(1)
      const exception = new RangeError('late')
      inner.setException(exception)
      await sleep(1)
      expect(at.reports).toEqual([{ message: 'RangeError exception in shielded future', exception, future: inner }])
    }))

  it('[SHIE-05] gives a future that is done back as it is', () =>
    run(async () => {
      const future = at.loop.createFuture<number>()
      future.setResult(1)
      expect(shield(future)).toBe(future)
    }))
})
