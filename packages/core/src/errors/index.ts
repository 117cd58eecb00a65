export { BrokenBarrierError } from './broken_barrier_error.js'
export { CancelledError } from './cancelled_error.js'
export { InterruptedError, InvalidStateError, LoopError, type LoopErrorCode } from './loop_error.js'
export { NotImplementedError, SendfileNotAvailableError } from './not_implemented_error.js'
export { QueueEmpty, QueueFull, QueueShutDown } from './queue_errors.js'
export { IncompleteReadError, LimitOverrunError } from './stream_errors.js'
export {
  BlockingIOError,
  isSystemError,
  type SystemError,
  type SystemErrorDetails,
  systemError,
} from './system_error.js'
export { TimeoutError } from './timeout_error.js'
