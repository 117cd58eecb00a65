"""Statements that await something. src/awaiting.ts is its twin."""

import asyncio

from run import AWAITING, BEFORE_3_12, BEFORE_3_13, statement
from show import Boom, show, show_error


class _OrderedSet(dict):
    """A group cancels its children in the order of a set, which is that of their addresses; here, of their creation."""

    def add(self, item):
        self[item] = True

    def discard(self, item):
        self.pop(item, None)


@statement(AWAITING, "return")
async def _return(_run, s, _handled):
    return (s.get("value"),)


@statement(AWAITING, "await")
async def _await(run, s, _handled):
    thing = run.awaitable(s["of"])
    if thing is not None:
        run.trace(f"got {show(await thing)}")


@statement(AWAITING, "sleep")
async def _sleep(run, s, _handled):
    await asyncio.sleep(s["d"])
    run.trace(f"slept {s['d']:g}")


@statement(AWAITING, "call")
async def _call(run, s, _handled):
    await run.body(s["name"], s["body"])


@statement(AWAITING, "try")
async def _try(run, s, handled):
    try:
        try:
            returned = await run.block(s["body"], handled)
        except BaseException as error:
            clause = next((each for each in s.get("except", ()) if _catches(each["on"], error)), None)
            if clause is None:
                raise
            run.trace(f"caught {show_error(error)}")
            returned = await run.block(clause["body"], error)
    finally:
        if "finally" in s:
            run.trace("finally")
            last = await run.block(s["finally"], handled)
            # As in the language itself, a return in `finally` forgets what was being raised.
            if last is not None:
                return last
    return returned


def _catches(on, error):
    if on == "any":
        return True
    if on == "error":
        return isinstance(error, Exception)
    if on == "cancelled":
        return isinstance(error, asyncio.CancelledError)
    if on == "timeout":
        return isinstance(error, asyncio.TimeoutError)
    if on == "group":
        return isinstance(error, BaseExceptionGroup)
    if on == "boom":
        return isinstance(error, Boom)
    raise KeyError(on)


@statement(AWAITING, "if")
async def _if(run, s, handled):
    future = run.find(run.futures, s["name"])
    holds = future is not None and (future.cancelled() if s["is"] == "cancelled" else future.done())
    return await run.block(s["then"] if holds else s.get("else", ()), handled)


@statement(AWAITING, "repeat")
async def _repeat(run, s, handled):
    for _ in range(s["times"]):
        returned = await run.block(s["body"], handled)
        if returned is not None:
            return returned
    return None


_UNTIL = {
    "all": asyncio.ALL_COMPLETED,
    "first": asyncio.FIRST_COMPLETED,
    "exception": asyncio.FIRST_EXCEPTION,
}


@statement(AWAITING, "wait")
async def _wait(run, s, _handled):
    futures = run.awaitables(s["of"])
    if not futures:
        return
    done, pending = await asyncio.wait(futures, timeout=s.get("timeout"), return_when=_UNTIL[s["until"]])
    run.trace(f"done {run.in_order(done)} pending {run.in_order(pending)}")


@statement(AWAITING, "waitFor")
async def _wait_for(run, s, _handled):
    run.differs(BEFORE_3_12, "waitFor")
    thing = run.awaitable(s["of"])
    if thing is not None:
        run.trace(f"got {show(await asyncio.wait_for(thing, s['d']))}")


@statement(AWAITING, "asCompleted")
async def _as_completed(run, s, _handled):
    run.differs(BEFORE_3_13, "asCompleted")
    if BEFORE_3_13:
        return
    futures = run.awaitables(s["of"])
    # A set's order decides between those that are done before it begins, so there is one of these at most.
    done = [each for each in futures if each.done()]
    futures = [each for each in futures if each not in done[1:]]
    completed = asyncio.as_completed(futures, timeout=s.get("timeout"))
    if s.get("promises"):
        await _each_promise(run, completed)
        return
    async for future in completed:
        name = run.labels.get(future, "?")
        try:
            run.trace(f"next {name} {show(await future)}")
        except BaseException as error:
            run.trace(f"next {name} raised {show_error(error)}")


async def _each_promise(run, completed):
    for each in completed:
        try:
            run.trace(f"next {show(await each)}")
        except BaseException as error:
            run.trace(f"next raised {show_error(error)}")


@statement(AWAITING, "timeout")
async def _timeout(run, s, handled):
    return await _limited(run, s, handled, asyncio.timeout(s["d"]))


@statement(AWAITING, "timeoutAt")
async def _timeout_at(run, s, handled):
    return await _limited(run, s, handled, asyncio.timeout_at(s["when"]))


async def _limited(run, s, handled, limit):
    before = asyncio.current_task().cancelling()
    try:
        async with limit as scope:
            run.scopes[s["name"]] = scope
            return await run.block(s["body"], handled)
    finally:
        run.differs(BEFORE_3_12 and before > 0 and limit.expired(), "timeout in a task that is being cancelled")
        run.trace(f"{s['name']} left, expired {show(limit.expired())}")


@statement(AWAITING, "group")
async def _group(run, s, handled):
    task = asyncio.current_task()
    before = task.cancelling()
    group = asyncio.TaskGroup()
    group._tasks = _OrderedSet()
    failed = False
    try:
        async with group:
            run.groups[s["name"]] = group
            return await run.block(s["body"], handled)
    except BaseExceptionGroup:
        failed = True
        raise
    finally:
        failed = failed or group._parent_cancel_requested
        cancelling = before > 0 or task.cancelling() > 0
        run.differs(BEFORE_3_13 and failed and cancelling, "group that fails and is cancelled")
        run.trace(f"{s['name']} left")
