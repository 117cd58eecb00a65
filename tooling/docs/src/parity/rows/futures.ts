import { done, type Section } from '../row.js'

export const futures: Section = {
  title: 'Futures',
  rows: [
    done('A067', 'Future', 'Future'),
    done('A068', 'Future.result', 'Future.result'),
    done('A069', 'Future.exception', 'Future.exception'),
    done('A070', 'Future.set_result', 'Future.setResult'),
    done('A071', 'Future.set_exception', 'Future.setException'),
    done('A072', 'Future.done', 'Future.done'),
    done('A073', 'Future.cancelled', 'Future.cancelled'),
    done('A074', 'Future.add_done_callback', 'Future.addDoneCallback', {
      note: 'another context: `context.run(() => future.addDoneCallback(callback))`',
    }),
    done('A075', 'Future.remove_done_callback', 'Future.removeDoneCallback'),
    done('A076', 'Future.cancel', 'Future.cancel'),
    done('A077', 'Future.get_loop', 'Future.getLoop'),
    done('A078', 'Future.__await__', 'Future.then'),
    done('A079', 'isfuture', 'isfuture'),
    done('A080', 'wrap_future', 'wrapFuture'),
    done('A081', 'future_add_to_awaited_by', 'futureAddToAwaitedBy'),
    done('A082', 'future_discard_from_awaited_by', 'futureDiscardFromAwaitedBy'),
    done('A083', 'report of errors that were never retrieved', 'EventLoop.setExceptionHandler'),
  ],
}
