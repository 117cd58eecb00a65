import { done, type Section } from '../row.js'

export const exceptions: Section = {
  title: 'Exceptions',
  rows: [
    done('A387', 'CancelledError', 'CancelledError'),
    done('A388', 'TimeoutError', 'TimeoutError'),
    done('A389', 'InvalidStateError', 'InvalidStateError'),
    done('A390', 'SendfileNotAvailableError', 'SendfileNotAvailableError'),
    done('A391', 'IncompleteReadError', 'IncompleteReadError'),
    done('A392', 'LimitOverrunError', 'LimitOverrunError'),
    done('A393', 'BrokenBarrierError', 'BrokenBarrierError'),
  ],
}
