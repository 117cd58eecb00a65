"""Locks, queues and the like. src/primitives.ts is its twin."""

import asyncio

from run import AWAITING, NOW, statement
from show import show, show_error


def _sized(kind):
    return lambda size, _lock: kind() if size is None else kind(size)


_MAKERS = {
    "lock": lambda _size, _lock: asyncio.Lock(),
    "semaphore": _sized(asyncio.Semaphore),
    "boundedSemaphore": _sized(asyncio.BoundedSemaphore),
    "event": lambda _size, _lock: asyncio.Event(),
    "condition": lambda _size, lock: asyncio.Condition(lock),
    "barrier": lambda size, _lock: asyncio.Barrier(2 if size is None else size),
    "queue": _sized(asyncio.Queue),
    "lifoQueue": _sized(asyncio.LifoQueue),
    "priorityQueue": _sized(asyncio.PriorityQueue),
}

# Where the names are not the same.
_METHODS = {
    "notifyAll": "notify_all",
    "putNowait": "put_nowait",
    "getNowait": "get_nowait",
    "taskDone": "task_done",
}

# Misuse and what a primitive answers to it, rather than what a program itself raises.
_REFUSALS = (
    RuntimeError,
    ValueError,
    asyncio.QueueEmpty,
    asyncio.QueueFull,
    getattr(asyncio, "QueueShutDown", asyncio.QueueFull),
)


@statement(NOW, "make")
def _make(run, s, _handled):
    lock = run.find(run.primitives, s["lock"]) if "lock" in s else None
    lock = lock if isinstance(lock, asyncio.Lock) else None
    run.primitives[s["name"]] = _MAKERS[s["kind"]](s.get("size"), lock)


@statement(NOW, "use")
def _use(run, s, _handled):
    primitive = run.find(run.primitives, s["name"])
    if primitive is None:
        return
    method = getattr(primitive, _METHODS.get(s["call"], s["call"]))
    try:
        result = method(s["argument"]) if "argument" in s else method()
        run.trace(f"{s['name']} {s['call']} {show(result)}")
    except _REFUSALS as error:
        run.trace(f"{s['name']} {s['call']} refused {show_error(error)}")


@statement(NOW, "look")
def _look(run, s, _handled):
    primitive = run.find(run.primitives, s["name"])
    if primitive is not None:
        run.trace(f"{s['name']} is {_state(primitive)}")


def _state(primitive):
    if isinstance(primitive, asyncio.Event):
        return f"set {show(primitive.is_set())}"
    if isinstance(primitive, asyncio.Barrier):
        return f"waiting {primitive.n_waiting} broken {show(primitive.broken)}"
    if not isinstance(primitive, asyncio.Queue):
        return f"locked {show(primitive.locked())}"
    return f"size {primitive.qsize()} empty {show(primitive.empty())} full {show(primitive.full())}"


@statement(AWAITING, "useAwait")
async def _use_await(run, s, _handled):
    primitive = run.find(run.primitives, s["name"])
    if primitive is None:
        return
    try:
        result = await run.wait_in(primitive, s)
        run.trace(f"{s['name']} {s['call']} {'over' if s.get('quiet') else show(result)}")
    except _REFUSALS as error:
        run.trace(f"{s['name']} {s['call']} refused {show_error(error)}")


@statement(AWAITING, "hold")
async def _hold(run, s, handled):
    primitive = run.find(run.primitives, s["name"])
    if primitive is None or not hasattr(primitive, "acquire"):
        return None
    await run.wait_in(primitive, {"call": "acquire"})
    run.trace(f"{s['name']} held")
    try:
        return await run.block(s["body"], handled)
    finally:
        primitive.release()
        run.trace(f"{s['name']} left")
