import { done, notYet, type Section } from '../row.js'

export const callGraph: Section = {
  title: 'Call graph',
  rows: [
    done('A084', 'capture_call_graph', 'captureCallGraph'),
    done('A085', 'format_call_graph', 'formatCallGraph'),
    done('A086', 'print_call_graph', 'printCallGraph'),
    done('A087', 'FutureCallGraph', 'FutureCallGraph'),
    done('A088', 'FrameCallGraphEntry', 'FrameCallGraphEntry'),
    notYet('A089', 'tools.get_all_awaited_by'),
    notYet('A090', 'tools.display_awaited_by_tasks_table'),
    notYet('A091', 'tools.display_awaited_by_tasks_tree'),
    notYet('A092', 'tools.build_async_tree'),
    notYet('A093', 'tools.build_task_table'),
    notYet('A094', 'tools.CycleFoundException'),
    notYet('A095', 'python -m asyncio'),
  ],
}
