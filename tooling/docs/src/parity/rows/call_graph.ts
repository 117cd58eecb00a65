import { command, done, type Section } from '../row.js'

export const callGraph: Section = {
  title: 'Call graph',
  rows: [
    done('A084', 'capture_call_graph', 'captureCallGraph'),
    done('A085', 'format_call_graph', 'formatCallGraph'),
    done('A086', 'print_call_graph', 'printCallGraph'),
    done('A087', 'FutureCallGraph', 'FutureCallGraph'),
    done('A088', 'FrameCallGraphEntry', 'FrameCallGraphEntry'),
    command('A089', 'tools.get_all_awaited_by', '`loop ps PID --json` of `@loop/cli`'),
    command('A090', 'tools.display_awaited_by_tasks_table', '`loop ps PID` of `@loop/cli`'),
    done('A091', 'tools.display_awaited_by_tasks_tree', '', {
      note: '`loop pstree PID` of `@loop/cli`, which names tasks that wait for each other',
    }),
    command('A092', 'tools.build_async_tree', '`loop pstree PID --json` of `@loop/cli`: `roots`'),
    command('A093', 'tools.build_task_table', '`loop ps PID --json` of `@loop/cli`: `tasks`'),
    done('A094', 'tools.CycleFoundException', '', {
      note: '`loop pstree PID --json` of `@loop/cli`: `deadlocks`; nothing is thrown, the rest of the tree is shown as well',
    }),
    command('A095', 'python -m asyncio', '`loop repl` of `@loop/cli`'),
  ],
}
