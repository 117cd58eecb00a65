/**
 * Ctrl-C for programs that run in a loop: the first one cancels the main tasks, a second one ends the process, and an
 * InterruptedError that nobody catches ends it as the signal itself would have.
 */
import { isMainThread } from 'node:worker_threads'
import { InterruptedError } from '../errors/index.js'
import { isHandledByLoop } from '../signals/signal_watch.js'

/** Cancels a main task; false if it is too late for that. */
type Interrupt = () => boolean

const signal = 'SIGINT'
/** What a program of Windows ends with whose Ctrl-C nobody handles. */
const STATUS_CONTROL_C_EXIT = 0xc000013a
const interrupts = new Set<Interrupt>()
let interrupted = false

/**
 * Has `interrupt` called at the first Ctrl-C, if this is the main thread and the program does not handle SIGINT itself.
 * @returns takes that back
 */
export function onInterrupt(interrupt: Interrupt): () => void {
  if (!isMainThread) return () => {}
  if (interrupts.size === 0) {
    if (programListens()) return () => {}
    interrupted = false
    process.on(signal, onSignal)
  }
  interrupts.add(interrupt)
  return () => {
    interrupts.delete(interrupt)
    if (interrupts.size === 0) process.off(signal, onSignal)
  }
}

/** A loop's handler does not count: when it is removed, Ctrl-C is ours again. */
function programListens(): boolean {
  return process.listenerCount(signal) > (isHandledByLoop(signal) ? 1 : 0)
}

function onSignal(): void {
  // Whoever calls addSignalHandler('SIGINT') decides what Ctrl-C does, as long as the handler is there.
  if (isHandledByLoop(signal)) return
  const again = interrupted
  interrupted = true
  let taken = false
  if (!again) for (const interrupt of interrupts) if (interrupt()) taken = true
  if (taken) return
  process.off(signal, onSignal)
  // Somebody else began to listen meanwhile, and decides.
  if (process.listenerCount(signal) === 0) endBySignal()
}

/** The error for a run that Ctrl-C ended. */
export function interruptedError(): InterruptedError {
  if (!process.listeners('uncaughtExceptionMonitor').includes(onUncaught)) {
    process.on('uncaughtExceptionMonitor', onUncaught)
  }
  return new InterruptedError(signal)
}

/** Watching is all that this event allows: who handles uncaught errors in another way is not disturbed. */
function onUncaught(error: unknown): void {
  if (!(error instanceof InterruptedError)) return
  if (process.listenerCount('uncaughtException') > 0 || process.hasUncaughtExceptionCaptureCallback()) return
  endBySignal()
}

/** A shell stops its script only if the program died of the signal, which an exit code does not tell but on Windows. */
function endBySignal(): void {
  if (process.platform === 'win32') process.exit(STATUS_CONTROL_C_EXIT)
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  process.exit(130)
}
