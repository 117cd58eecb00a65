import { done, type Section } from '../row.js'

export const runners: Section = {
  title: 'Runners',
  rows: [
    done('A001', 'run', 'run'),
    done('A002', 'run(main)', 'run', { note: 'an async function; anything else that can be awaited, too' }),
    done('A003', 'run(debug)', 'run({ debug })'),
    done('A004', 'run(loop_factory)', 'run({ loopFactory })'),
    done('A005', 'Runner', 'Runner'),
    done('A006', 'Runner.run', 'Runner.run'),
    done('A007', 'Runner.run(context)', 'Runner.run({ context })'),
    done('A008', 'Runner.close', 'Runner.close'),
    done('A009', 'Runner.get_loop', 'Runner.getLoop'),
    done('A010', 'Runner.__enter__', 'Runner[Symbol.asyncDispose]'),
    done('A011', 'Ctrl-C in Runner.run', 'InterruptedError', {
      note: 'main is cancelled, its clean-up runs, then `run` rejects; a second Ctrl-C ends the process',
    }),
    done('A012', 'errors of left-over tasks', 'Runner.close'),
  ],
}
