import { describe, expect, it } from 'vitest'
import type { Program } from '../src/ast.js'
import { InterpreterProcess } from '../src/interpreter_process.js'

/** Answers a program with its first mark; ends itself at the mark "die". */
const interpreter = `
  console.log(JSON.stringify({ version: [3, 13, 0] }))
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    const { text } = JSON.parse(line).main[0]
    if (text === 'die') process.exit(3)
    console.log(JSON.stringify({ trace: [text], changed: [] }))
  })`

const mark = (text: string): Program => ({ title: text, main: [{ op: 'trace', text }] })

describe('InterpreterProcess', () => {
  it('answers in the order of the questions', async () => {
    const process_ = await InterpreterProcess.start(process.execPath, '-e', interpreter)
    expect(process_.version).toEqual([3, 13, 0])
    const replies = await Promise.all(['a', 'b', 'c'].map((text) => process_.run(mark(text))))
    expect(replies.map((reply) => reply.trace)).toEqual([['a'], ['b'], ['c']])
    process_.close()
  })

  it('gives a program that ends the process that as its trace, and asks a new process the next ones', async () => {
    const process_ = await InterpreterProcess.start(process.execPath, '-e', interpreter)
    const replies = await Promise.all(['a', 'die', 'b', 'die', 'c'].map((text) => process_.run(mark(text))))
    const died = ['(the interpreter ended with code 3)']
    expect(replies.map((reply) => reply.trace)).toEqual([['a'], died, ['b'], died, ['c']])
    process_.close()
  })

  it('rejects what cannot be run, and what does not say its version', async () => {
    await expect(InterpreterProcess.start('/no/such/python')).rejects.toThrow('ENOENT')
    await expect(InterpreterProcess.start(process.execPath, '-e', 'process.exit(1)')).rejects.toThrow('code 1')
  })
})
