import { packJob } from '@loop/core/jobs'
import { describe, expect, it } from 'vitest'
import { decode, decodeJob, encode, encodeJob } from '../src/wire.js'

describe('what stands in Redis', () => {
  it('is JSON, and brings values of every kind back', () => {
    const values = [
      1n,
      new Date(5),
      new Map([['a', new Set([undefined])]]),
      new Uint8Array([1, 2]),
      { deep: [null] },
      Number.NaN,
    ]
    expect(decode(JSON.parse(JSON.stringify(encode(values))))).toEqual(values)
  })

  it('names the function legibly', () => {
    const packed = packJob({ module: 'package/jobs', name: 'resize', args: [1] })
    const data = JSON.parse(JSON.stringify(encodeJob(packed)))
    expect(data).toEqual({ module: 'package/jobs', name: 'resize', args: expect.any(String) })
    expect(decodeJob(data)).toEqual({ module: 'package/jobs', name: 'resize', args: [1] })
  })

  it('is the source of a function without a module', () => {
    const packed = packJob({ fn: (a: number) => a + 1, args: [1] })
    expect(decodeJob(encodeJob(packed))).toEqual(packed)
    expect(encodeJob(packed)).toMatchObject({ source: expect.stringContaining('a + 1') })
  })

  it('cannot be what belongs to the process: the error names the argument', () => {
    const job = (...args: unknown[]) => packJob({ module: 'm', name: 'n', args })
    expect(() => encodeJob(job(1, { list: [() => {}] }))).toThrow(/argument 2\.list\[0\] is a function/)
    expect(() => encodeJob(job(new MessageChannel().port1))).toThrow(/argument 1 is a MessagePort/)
    expect(() => encodeJob(job(new SharedArrayBuffer(1)))).toThrow(/SharedArrayBuffer/)
    expect(() =>
      encodeJob(packJob({ module: '@loop/core/jobs', name: 'runInContext', args: [new Map(), job(() => {})] })),
    ).toThrow(/argument 1 is a function/)
  })
})
