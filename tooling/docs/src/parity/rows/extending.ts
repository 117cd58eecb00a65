import { notApplicable, type Section } from '../row.js'

export const extending: Section = {
  title: 'Extending',
  rows: [
    notApplicable(
      'A383',
      '_register_task, _unregister_task',
      'a class of tasks of your own extends `Task`, which knows its loop',
    ),
    notApplicable(
      'A384',
      '_enter_task, _leave_task',
      'the current task follows the async context, so nobody has to enter it',
    ),
    notApplicable(
      'A385',
      '_swap_current_task',
      'the current task follows the async context, so nobody has to enter it',
    ),
    notApplicable(
      'A386',
      'staggered.staggered_race',
      'private to connecting in asyncio as well; `createConnection({ happyEyeballsDelay })` is what it is for',
    ),
  ],
}
