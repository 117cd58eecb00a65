import { describe, expect, it } from 'vitest'
import { packError, unpackError } from '../../src/executors/crossing_error.js'
import { IncompleteReadError, LoopError, TimeoutError } from '../../src/index.js'

/** As it arrives: what the way does to it included. */
const across = (error: unknown) => unpackError(structuredClone(packError(error)))

describe('an error that crosses', () => {
  it.each([
    new Error('plain'),
    new RangeError('range'),
    new SyntaxError('syntax'),
    new TimeoutError('late'),
    new LoopError('closed', 'ERR_LOOP_CLOSED'),
    new IncompleteReadError(Buffer.from('ab'), 5),
  ])('%s keeps its class, message, stack and what stands on it', (error) => {
    const arrived = across(error) as Error
    expect(arrived.constructor).toBe(error.constructor)
    expect(arrived).toBeInstanceOf(error.constructor)
    expect([arrived.name, arrived.message, arrived.stack]).toEqual([error.name, error.message, error.stack])
    expect(Object.keys(arrived)).toEqual(Object.keys(error))
  })

  it('keeps its causes, and those that it stands for', () => {
    const cause = Object.assign(new TypeError('why'), { code: 'ERR_WHY', cause: 'a string' })
    const arrived = across(new AggregateError([new RangeError('one'), 2], 'several', { cause })) as AggregateError
    expect(arrived).toBeInstanceOf(AggregateError)
    expect(arrived.errors).toEqual([new RangeError('one'), 2])
    expect(arrived.cause).toMatchObject({ name: 'TypeError', code: 'ERR_WHY', cause: 'a string' })
  })

  it('of an unknown class keeps the name', () => {
    class OwnError extends Error {
      override name = 'OwnError'
    }
    const arrived = across(new OwnError('x')) as Error
    expect([arrived.constructor, arrived.name]).toEqual([Error, 'OwnError'])
    class Quiet extends Error {
      override get name() {
        return 'Quiet'
      }
    }
    expect((across(new Quiet('x')) as Error).name).toBe('Quiet')
  })

  it('leaves behind what cannot cross, and does not follow its causes for ever', () => {
    const error = Object.assign(new Error('x'), { kept: 1, left: () => {} })
    error.cause = error
    let arrived = across(error) as Error & { left?: unknown }
    expect({ ...arrived, cause: null }).toEqual({ kept: 1, cause: null })
    let depth = 0
    while (arrived.cause !== undefined) {
      arrived = arrived.cause as Error
      depth++
    }
    expect(depth).toBeLessThan(20)
  })

  it('that is no error is what it was, or a description', () => {
    expect(across({ status: 5 })).toEqual({ status: 5 })
    expect(across(undefined)).toBeUndefined()
    expect(across(() => {})).toMatch(/Function/)
  })
})
