"""Runs a whole program. src/program.ts is its twin."""

import asyncio
import gc

import awaiting  # noqa: F401  (its statements register themselves)
import now  # noqa: F401
import primitives  # noqa: F401
from run import Run
from virtual_clock import VirtualClockEventLoop

# In units of virtual time: who still runs by then waits for something that never comes.
LONGEST = 60
# A task may catch its cancellation and go on; each round cancels whatever it went on to.
ROUNDS = 40


async def _drive(run, statements):
    """Runs main, then cancels what it left behind until that has ended too."""
    asyncio.current_task().set_name("driver")
    main = run.spawn({"name": "main", "body": statements})
    while not main.done() and run.loop.time() < LONGEST:
        await asyncio.sleep(1)
    for _ in range(ROUNDS):
        left = [task for task in run.tasks if not task.done()]
        if not left and len(asyncio.all_tasks(run.loop)) == 1:
            break
        run.trace(f"cleans up {run.in_order(left)}")
        for task in left:
            task.cancel("clean-up")
        await asyncio.sleep(1)
    else:
        run.trace("gives up")
    run.ended = True


def run_program(program):
    """A program's trace, and what it came to that this Python does otherwise than 3.13."""
    loop = VirtualClockEventLoop()
    run = Run(loop)
    loop.set_exception_handler(run.on_error)
    loop.run_until_complete(_drive(run, program["main"]))
    left = asyncio.all_tasks(loop)
    loop.close()
    trace, changed = run.lines, sorted(run.changed)
    if left:
        # Its coroutines end, through their `finally`, when they are collected: not while another program runs.
        del run, loop
        gc.collect()
    return trace, changed
