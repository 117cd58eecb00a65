import { done, notApplicable, type Section } from '../row.js'

export const windows: Section = {
  title: 'Helpers for Windows',
  rows: [
    done('A394', 'windows_utils.pipe', 'PipeHandle', { note: '`PipeHandle.pair()`' }),
    done('A395', 'windows_utils.PipeHandle', 'PipeHandle'),
    notApplicable(
      'A396',
      'windows_utils.Popen',
      'the loop starts its children itself: `createSubprocessExec`, `loop.subprocessExec`',
    ),
  ],
}
