"""Statements that wait for nothing. src/now.ts is its twin."""

import asyncio

from run import BEFORE_3_13, NOW, statement
from show import Boom, show, show_error, show_state, show_time


@statement(NOW, "trace")
def _trace(run, s, _handled):
    run.trace(s["text"])


@statement(NOW, "raise")
def _raise(_run, s, _handled):
    raise Boom(s["error"])


@statement(NOW, "reraise")
def _reraise(_run, _s, handled):
    if handled is not None:
        raise handled


@statement(NOW, "spawn")
def _spawn(run, s, _handled):
    run.spawn(s)


@statement(NOW, "let")
def _let(run, s, _handled):
    future = run.awaitable(s["of"])
    if future is not None:
        run.know_future(s["name"], future)


@statement(NOW, "cancel")
def _cancel(run, s, _handled):
    name = s["name"]
    if name in run.handles:
        run.handles[name].cancel()
        run.trace(f"cancel {name}")
        return
    future = run.find(run.futures, name)
    if future is not None:
        run.trace(f"cancel {name} {show(future.cancel(s.get('message')))}")


@statement(NOW, "cancelling")
def _cancelling(run, s, _handled):
    task = run.find(run.futures, s["name"])
    if isinstance(task, asyncio.Task):
        run.trace(f"cancelling {s['name']} {task.cancelling()}")


@statement(NOW, "uncancel")
def _uncancel(run, s, _handled):
    task = run.find(run.futures, s["name"])
    if isinstance(task, asyncio.Task):
        run.differs(BEFORE_3_13, "uncancel")
        run.trace(f"uncancel {s['name']} {task.uncancel()}")


@statement(NOW, "inspect")
def _inspect(run, s, _handled):
    future = run.find(run.futures, s["name"])
    if future is not None:
        run.trace(f"{s['name']} is {show_state(future)}")


@statement(NOW, "tasks")
def _tasks(run, _s, _handled):
    # What the library made a task of, and has not begun yet, has a name that the library chose.
    known = [task for task in asyncio.all_tasks(run.loop) if task in run.tasks]
    run.trace(f"tasks {run.in_order(known)}")


@statement(NOW, "future")
def _future(run, s, _handled):
    run.know_future(s["name"], run.loop.create_future())


def _settle(run, s, settle):
    future = run.find(run.futures, s["name"])
    if future is None:
        return
    try:
        settle(future)
    except (asyncio.InvalidStateError, RuntimeError) as error:
        run.trace(f"{s['op']} {s['name']} refused {show_error(error)}")
    else:
        run.trace(f"{s['op']} {s['name']}")


@statement(NOW, "set")
def _set(run, s, _handled):
    _settle(run, s, lambda future: future.set_result(s.get("value")))


@statement(NOW, "fail")
def _fail(run, s, _handled):
    _settle(run, s, lambda future: future.set_exception(Boom(s["error"])))


@statement(NOW, "onDone")
def _on_done(run, s, _handled):
    future = run.find(run.futures, s["name"])
    if future is None:
        return

    def callback(done):
        run.trace(f"{s['label']}: {s['name']} is {show_state(done)}")
        run.run_now(s.get("body", ()))

    future.add_done_callback(run.callbacks.setdefault(s["label"], callback))


@statement(NOW, "offDone")
def _off_done(run, s, _handled):
    future = run.find(run.futures, s["name"])
    callback = run.find(run.callbacks, s["label"])
    if future is not None and callback is not None:
        run.trace(f"removed {future.remove_done_callback(callback)}")


def _callback(run, s):
    def callback():
        run.trace(f"{s['name']} runs")
        run.run_now(s["body"])

    return callback


@statement(NOW, "soon")
def _soon(run, s, _handled):
    run.handles[s["name"]] = run.loop.call_soon(_callback(run, s))


@statement(NOW, "later")
def _later(run, s, _handled):
    run.handles[s["name"]] = run.loop.call_later(s["d"], _callback(run, s))


@statement(NOW, "at")
def _at(run, s, _handled):
    run.handles[s["name"]] = run.loop.call_at(s["when"], _callback(run, s))


@statement(NOW, "groupSpawn")
def _group_spawn(run, s, _handled):
    group = run.find(run.groups, s["group"])
    if group is None:
        return
    try:
        task = group.create_task(run.body(s["name"], s["body"]), name=s["name"])
    except RuntimeError as error:
        run.trace(f"{s['group']} refuses {s['name']} {show_error(error)}")
    else:
        run.know_task(s["name"], task)


def _deadline(scope):
    return "none" if scope.when() is None else show_time(scope.when())


@statement(NOW, "reschedule")
def _reschedule(run, s, _handled):
    scope = run.find(run.scopes, s["name"])
    if scope is None:
        return
    try:
        scope.reschedule(None if s["d"] is None else run.loop.time() + s["d"])
    except RuntimeError as error:
        run.trace(f"reschedule {s['name']} refused {show_error(error)}")
    else:
        run.trace(f"reschedule {s['name']} {_deadline(scope)}")


@statement(NOW, "scope")
def _scope(run, s, _handled):
    scope = run.find(run.scopes, s["name"])
    if scope is not None:
        run.trace(f"{s['name']} when {_deadline(scope)} expired {show(scope.expired())}")
