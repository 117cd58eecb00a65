import type { ProactorEventLoop } from '../loop/proactor_event_loop.js'
import { type Abortable, abortable, abortError } from '../tasks/abortable.js'
import { Operation } from './operation.js'
import type { Begin } from './proactor.js'

/**
 * Carries one operation out: what came of it, or -errno. A wait that is cancelled cancels the operation.
 * @param late called with the result of an operation that came back although its wait had been cancelled
 */
export async function completed(
  loop: ProactorEventLoop,
  begin: Begin,
  options: Abortable,
  late: (result: number) => void = () => {},
): Promise<number> {
  loop._mustBeOpen()
  if (options.signal?.aborted) throw abortError(options.signal)
  const future = abortable(loop.createFuture<number>(), options.signal)
  const operation = new Operation(loop, () => {
    if (future.done()) late(operation.result)
    else future.setResult(operation.result)
  })
  loop._proactor._begin(operation, begin)
  future.addDoneCallback(() => {
    if (!loop.isClosed()) loop._proactor._cancel(operation)
  })
  return await future
}
