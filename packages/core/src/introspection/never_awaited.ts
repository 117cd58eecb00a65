import type { Future } from '../futures/future.js'
import { framesOfSource, noteSource, notesSources, sourceText } from './source.js'

/** What counts as having looked at a future. */
const looks = ['then', 'result', 'exception', 'addDoneCallback', 'cancel'] as const

interface Watched {
  readonly name: string
  readonly source: string
  awaited: boolean
}

const collected = new FinalizationRegistry<Watched>(({ name, source, awaited }) => {
  if (awaited) return
  process.emitWarning(`The future of ${name}() was never awaited`, {
    type: 'LoopWarning',
    code: 'LOOP_NEVER_AWAITED',
    detail: ['created:', ...framesOfSource(source).map((frame) => `    ${frame}`)].join('\n'),
  })
})

/**
 * Debug mode's watch for a forgotten `await`: says so when the future is collected and nobody looked at it. For futures
 * that serve nothing but to be awaited. asyncio: "coroutine ... was never awaited".
 */
export function watchNeverAwaited<F extends Future<unknown>>(future: F, name: string): F {
  if (!notesSources()) return future
  noteSource(future)
  const watched: Watched = { name, source: sourceText(future), awaited: false }
  for (const look of looks) {
    Object.defineProperty(future, look, {
      configurable: true,
      get(this: Future<unknown>) {
        watched.awaited = true
        for (const each of looks) Reflect.deleteProperty(this, each)
        return this[look]
      },
    })
  }
  collected.register(future, watched)
  return future
}
