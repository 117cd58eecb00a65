import { constants } from 'node:os'
import { describe, expect, it } from 'vitest'
import type { ProcessOps, SocketOps } from '../../src/backend/contract.js'
import { ChildStdio, stdioPlan } from '../../src/subprocess/child_stdio.js'
import { DEVNULL, PIPE, STDOUT } from '../../src/subprocess/options.js'

/** Descriptors that are only numbers: what is open is known. `after`: how many can be had. */
function system(after = Number.POSITIVE_INFINITY) {
  const open = new Set<number>()
  let next = 10
  const take = () => {
    if (open.size >= after) return -constants.errno.EMFILE
    open.add(next)
    return next++
  }
  const pair = (ends: Int32Array) => {
    if (open.size + 2 > after) return -constants.errno.EMFILE
    ends.set([take(), take()])
    return 0
  }
  const ops = { close: (fd: number) => (open.delete(fd) ? 0 : -9), dup: take } as unknown as SocketOps
  const processes = {
    pipe: pair,
    openpty: (_rows: number, _columns: number, ends: Int32Array) => (pair(ends) < 0 ? -24 : '/dev/pts/1'),
  } as unknown as ProcessOps
  return { open, ops, processes }
}

describe('stdioPlan', () => {
  it('says what each stream is, and what those are that are left out', () => {
    expect(stdioPlan({}, 'pipe').streams).toEqual(['pipe', 'pipe', 'pipe'])
    expect(stdioPlan({}, 'inherit').streams).toEqual(['inherit', 'inherit', 'inherit'])
    expect(stdioPlan({ stdin: DEVNULL, stdout: null, stderr: STDOUT }, 'pipe').streams).toEqual([
      'ignore',
      'inherit',
      'stdout',
    ])
    expect(stdioPlan({ stdin: { fd: 7 }, stdout: 8, stderr: PIPE }, 'inherit').streams).toEqual([7, 8, 'pipe'])
  })

  it('puts a terminal where nothing else is asked for', () => {
    expect(stdioPlan({ pty: true }, 'inherit').streams).toEqual(['terminal', 'terminal', 'terminal'])
    expect(stdioPlan({ pty: true, stdin: PIPE, stdout: PIPE, stderr: PIPE }, 'pipe').streams).toEqual([
      'terminal',
      'terminal',
      'pipe',
    ])
    expect(stdioPlan({ pty: true, stdin: DEVNULL }, 'pipe').streams).toEqual(['ignore', 'terminal', 'terminal'])
    expect(() => stdioPlan({ pty: true, stdin: DEVNULL, stdout: 7 }, 'pipe')).toThrow(RangeError)
    expect(stdioPlan({ pty: { columns: 80, rows: 24 } }, 'pipe').size).toEqual({ columns: 80, rows: 24 })
    expect(stdioPlan({ pty: false }, 'pipe').size).toBe(null)
  })
})

describe('ChildStdio', () => {
  it('opens pipes, keeps this side, and lets go of the other', () => {
    const { open, ops, processes } = system()
    const stdio = new ChildStdio(ops, processes, stdioPlan({ stderr: STDOUT }, 'pipe'))
    expect([...stdio.child]).toEqual([10, 13, 13])
    expect(stdio.parent).toEqual([{ fd: 11, isTerminal: false }, { fd: 12, isTerminal: false }, null])
    stdio.closeChildEnds()
    stdio.closeChildEnds()
    expect([...open]).toEqual([11, 12])
    stdio.close()
    expect(open.size).toBe(0)
  })

  it('standard error goes where standard output goes, whatever that is', () => {
    const { ops, processes } = system()
    const errorOf = (stdout: number | null | typeof DEVNULL) =>
      new ChildStdio(ops, processes, stdioPlan({ stdin: null, stdout, stderr: STDOUT }, 'inherit')).child[2]
    expect([errorOf(7), errorOf(null), errorOf(DEVNULL)]).toEqual([7, 1, -2])
  })

  it('a terminal has a descriptor for each direction, and one that keeps it open', () => {
    const { open, ops, processes } = system()
    const stdio = new ChildStdio(ops, processes, stdioPlan({ pty: true }, 'inherit'))
    expect([...stdio.child]).toEqual([11, 11, 11])
    expect([stdio.terminal, stdio.held]).toEqual([11, 10])
    expect(stdio.parent.map((end) => end?.fd)).toEqual([12, 13, undefined])
    stdio.closeChildEnds()
    stdio.release()
    stdio.release()
    expect([...open]).toEqual([12, 13])
    stdio.close()
    expect(open.size).toBe(0)
  })

  it('closes everything when there are no more descriptors', () => {
    for (const [options, needed] of [
      [{}, 6],
      [{ pty: true, stderr: PIPE }, 6],
    ] as const) {
      for (let limit = 0; limit < needed; limit++) {
        const { open, ops, processes } = system(limit)
        expect(() => new ChildStdio(ops, processes, stdioPlan(options, 'pipe'))).toThrow(
          expect.objectContaining({ code: 'EMFILE' }),
        )
        expect(open.size).toBe(0)
      }
    }
  })
})
