import { done, notApplicable, type Section } from '../row.js'

export const loopCurrent: Section = {
  title: 'Event loop: which one',
  rows: [
    done('A186', 'get_running_loop', 'getRunningLoop'),
    done('A187', 'get_event_loop', 'getEventLoop'),
    done('A188', 'set_event_loop', 'setEventLoop'),
    done('A189', 'new_event_loop', 'newEventLoop'),
    done('A190', '_get_running_loop, _set_running_loop', '_getRunningLoop, _setRunningLoop'),
  ],
}

export const loopRunning: Section = {
  title: 'Event loop: running and stopping',
  rows: [
    done('A191', 'AbstractEventLoop', 'EventLoop'),
    done('A192', 'BaseEventLoop', 'BaseEventLoop'),
    done('A193', 'loop.run_until_complete', 'EventLoop.runUntilComplete'),
    done('A194', 'loop.run_forever', 'EventLoop.runForever'),
    done('A195', 'loop.stop', 'EventLoop.stop'),
    done('A196', 'loop.is_running', 'EventLoop.isRunning'),
    done('A197', 'loop.is_closed', 'EventLoop.isClosed'),
    done('A198', 'loop.close', 'EventLoop.close'),
    done('A199', 'loop.shutdown_asyncgens', 'EventLoop.shutdownAsyncgens', {
      note: 'there for parity: JavaScript tells a program nothing of its async generators',
    }),
    done('A200', 'loop.shutdown_default_executor', 'EventLoop.shutdownDefaultExecutor', {
      note: 'what still runs after the timeout is ended',
    }),
  ],
}

export const loopScheduling: Section = {
  title: 'Event loop: scheduling',
  rows: [
    done('A201', 'loop.call_soon', 'EventLoop.callSoon'),
    done('A202', 'loop.call_soon_threadsafe', 'EventLoop.callSoonThreadsafe', {
      note: 'other threads have no access to a loop object: they post through `RemoteLoop`',
    }),
    done('A203', 'loop.call_later', 'EventLoop.callLater'),
    done('A204', 'loop.call_at', 'EventLoop.callAt'),
    done('A205', 'loop.time', 'EventLoop.time'),
    done('A206', 'loop.slow_callback_duration', 'EventLoop.slowCallbackDuration'),
  ],
}

export const loopFutures: Section = {
  title: 'Event loop: futures and tasks',
  rows: [
    done('A207', 'loop.create_future', 'EventLoop.createFuture'),
    done('A208', 'loop.create_task', 'EventLoop.createTask'),
    done('A209', 'loop.set_task_factory', 'EventLoop.setTaskFactory'),
    done('A210', 'loop.get_task_factory', 'EventLoop.getTaskFactory'),
  ],
}

export const loopExecutors: Section = {
  title: 'Event loop: executors',
  rows: [
    done('A271', 'loop.run_in_executor', 'EventLoop.runInExecutor'),
    done('A272', 'loop.set_default_executor', 'EventLoop.setDefaultExecutor', {
      note: 'takes any `Executor`',
    }),
  ],
}

export const loopErrors: Section = {
  title: 'Event loop: errors and debug mode',
  rows: [
    done('A273', 'loop.set_exception_handler', 'EventLoop.setExceptionHandler'),
    done('A274', 'loop.get_exception_handler', 'EventLoop.getExceptionHandler'),
    done('A275', 'loop.default_exception_handler', 'EventLoop.defaultExceptionHandler'),
    done('A276', 'loop.call_exception_handler', 'EventLoop.callExceptionHandler'),
    done('A277', 'keys of the context', 'ExceptionContext'),
    done('A278', 'loop.get_debug', 'EventLoop.getDebug'),
    done('A279', 'loop.set_debug', 'EventLoop.setDebug'),
    done('A280', 'PYTHONASYNCIODEBUG', 'EventLoop.setDebug', { note: '`LOOP_DEBUG=1`' }),
    done('A281', 'checks of debug mode', 'EventLoop.setDebug'),
    notApplicable(
      'A282',
      'the logger "asyncio"',
      'there is no logging module: reports go to the exception handler, and by default to standard error',
    ),
  ],
}
