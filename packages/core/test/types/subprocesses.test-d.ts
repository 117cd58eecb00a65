import { expectTypeOf, test } from 'vitest'
import {
  type AbstractChildWatcher,
  type ChildCallback,
  type ChildProcess,
  createSubprocessExec,
  createSubprocessShell,
  DEVNULL,
  type EventLoop,
  getChildWatcher,
  openpty,
  PIPE,
  PidfdChildWatcher,
  type Process,
  type ProcessOptions,
  type PseudoTerminal,
  pipe,
  STDOUT,
  type Stdio,
  type StreamReader,
  type StreamWriter,
  type SubprocessOptions,
  type SubprocessProtocol,
  SubprocessStreamProtocol,
  type SubprocessTransport,
  setChildWatcher,
  type TerminalSize,
  ThreadedChildWatcher,
} from '../../src/index.js'

declare const loop: EventLoop
declare const args: string[]

test('processes', () => {
  expectTypeOf(createSubprocessExec(['ls', '-l'])).resolves.toEqualTypeOf<Process>()
  expectTypeOf(
    createSubprocessExec(args, { stdin: PIPE, stdout: DEVNULL, stderr: STDOUT, limit: 1 }),
  ).resolves.toEqualTypeOf<Process>()
  expectTypeOf(
    createSubprocessShell('ls', { cwd: new URL('file:///'), env: { A: undefined } }),
  ).resolves.toEqualTypeOf<Process>()
  // @ts-expect-error only standard error can go where standard output goes
  createSubprocessExec(args, { stdout: STDOUT })
  // @ts-expect-error a command line is for the shell
  createSubprocessExec('ls -l')
})

test('what a process has', () => {
  expectTypeOf<Process['pid']>().toEqualTypeOf<number>()
  expectTypeOf<Process['returncode']>().toEqualTypeOf<number | null>()
  expectTypeOf<Process['stdin']>().toEqualTypeOf<StreamWriter | null>()
  expectTypeOf<Process['stdout']>().toEqualTypeOf<StreamReader | null>()
  expectTypeOf<Process['wait']>().returns.resolves.toEqualTypeOf<number>()
  expectTypeOf<Process['communicate']>().returns.resolves.toEqualTypeOf<[Buffer | null, Buffer | null]>()
  expectTypeOf<Process>().toExtend<AsyncDisposable>()
})

test('options', () => {
  expectTypeOf<ProcessOptions>().toExtend<SubprocessOptions>()
  expectTypeOf<'inherit' | null | number>().toExtend<Stdio>()
  expectTypeOf<{ fd: number }>().toExtend<Stdio>()
  expectTypeOf<boolean | TerminalSize | undefined>().toEqualTypeOf<SubprocessOptions['pty']>()
})

test('transports and protocols', () => {
  const protocol: SubprocessProtocol = {
    pipeDataReceived: (fd, data) => expectTypeOf({ fd, data }).toEqualTypeOf<{ fd: number; data: Buffer }>(),
  }
  expectTypeOf(loop.subprocessExec(() => protocol, args)).resolves.toEqualTypeOf<
    [SubprocessTransport, SubprocessProtocol]
  >()
  expectTypeOf(loop.subprocessShell(() => protocol, 'ls', { pty: true })).resolves.toEqualTypeOf<
    [SubprocessTransport, SubprocessProtocol]
  >()
  expectTypeOf(new SubprocessStreamProtocol(undefined, loop)).toExtend<SubprocessProtocol>()
  expectTypeOf<ChildProcess['returncode']>().toEqualTypeOf<number | null>()
})

test('watchers', () => {
  expectTypeOf(getChildWatcher()).toEqualTypeOf<AbstractChildWatcher>()
  expectTypeOf(setChildWatcher).parameter(0).toEqualTypeOf<AbstractChildWatcher | null>()
  new ThreadedChildWatcher().addChildHandler(
    1,
    (pid, returncode, more) => expectTypeOf([pid, returncode, more]).toEqualTypeOf<number[]>(),
    7,
  )
  expectTypeOf(new PidfdChildWatcher()).toExtend<Disposable>()
  expectTypeOf<ChildCallback<[string]>>().parameters.toEqualTypeOf<[number, number, string]>()
})

test('pipes', () => {
  expectTypeOf(pipe()).toEqualTypeOf<[number, number]>()
  expectTypeOf(openpty({ columns: 80, rows: 24 })).toEqualTypeOf<PseudoTerminal>()
})
