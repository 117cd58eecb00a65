/**
 * The process's signals, shared by its loops: the host is asked once for each signal, however many loops handle it.
 * Other listeners of the program (`process.on`) stay what they are and are called as well.
 */

interface Watch {
  readonly listeners: Set<() => void>
  readonly dispatch: () => void
}

const watches = new Map<NodeJS.Signals, Watch>()

/**
 * The host goes back to the system's default when its last listener goes. For SIGPIPE that is not what was there before: it
 * ignores it from its start on, or writing into a closed pipe would end the process. Once watched it stays watched.
 */
const keptOnce = 'SIGPIPE'

/** Calls `listener` in the host's turn whenever the signal comes. Does not keep the process alive. @returns takes that back */
export function watchSignal(name: NodeJS.Signals, listener: () => void): () => void {
  let watch = watches.get(name)
  if (watch === undefined) {
    const listeners = new Set<() => void>()
    const dispatch = () => {
      for (const each of listeners) each()
    }
    watch = { listeners, dispatch }
    process.on(name, watch.dispatch)
    watches.set(name, watch)
  }
  const { listeners, dispatch } = watch
  listeners.add(listener)
  return () => {
    if (!listeners.delete(listener) || listeners.size > 0 || name === keptOnce) return
    process.off(name, dispatch)
    watches.delete(name)
  }
}

/** Whether a loop handles the signal. */
export function isHandledByLoop(name: NodeJS.Signals): boolean {
  const watch = watches.get(name)
  return watch !== undefined && watch.listeners.size > 0
}
