"""One run of one program: what its names stand for, its tasks, and its trace so far. src/run.ts is its twin."""

import asyncio
import sys

from show import show, show_error, show_time

# Statements by their `op`. What waits for nothing is apart, for callbacks consist of such statements alone.
NOW = {}
AWAITING = {}

BEFORE_3_12 = sys.version_info < (3, 12)
BEFORE_3_13 = sys.version_info < (3, 13)


def statement(table, op):
    """Registers what a statement means: a function of the run, the statement, and the error that is being handled."""

    def register(meaning):
        table[op] = meaning
        return meaning

    return register


class Run:
    def __init__(self, loop):
        self.loop = loop
        self.lines = []
        self.changed = set()
        self.ended = False
        self.tasks = []
        self.futures = {}
        self.handles = {}
        self.scopes = {}
        self.groups = {}
        self.primitives = {}
        self.callbacks = {}
        self.labels = {}

    # The trace

    def trace(self, text):
        task = asyncio.current_task(self.loop)
        self.write("-" if task is None else task.get_name(), text)

    def write(self, who, text):
        if not self.ended:
            self.lines.append(f"{show_time(self.loop.time())} {who} {text}")

    def differs(self, condition, what):
        """Notes that the program came to something that CPython 3.13 does otherwise than the Python that runs."""
        if condition:
            self.changed.add(what)

    def on_error(self, _loop, context):
        # When an error that nobody looked at is reported depends on the collector; one in a callback is reported at once.
        if context["message"].startswith("Exception in callback"):
            self.write("-", f"handler {show_error(context['exception'])}")

    # Names

    def find(self, table, name):
        if name not in table:
            self.trace(f"{name} is not known")
        return table.get(name)

    def know_future(self, name, future):
        self.futures[name] = future
        self.labels.setdefault(future, name)

    def know_task(self, name, task):
        if task not in self.tasks:
            self.tasks.append(task)
            task.set_name(name)
        self.know_future(name, task)
        return task

    def in_order(self, futures):
        # Sets have no order, in Python not even the same one twice.
        return show(sorted(self.labels.get(each, "?") for each in futures))

    # What tasks are made of

    async def body(self, name, statements):
        task = asyncio.current_task()
        # The library may have made the task, as gather does; where no task was made, this runs in one that is known.
        if task not in self.tasks:
            self.know_task(name, task)
        self.trace(f"{name} starts")
        try:
            returned = await self.block(statements, None)
        except BaseException as error:
            self.trace(f"{name} raises {show_error(error)}")
            raise
        value = None if returned is None else returned[0]
        self.trace(f"{name} returns {show(value)}")
        return value

    def spawn(self, spec):
        name = spec["name"]
        coroutine = self.body(name, spec["body"])
        if spec.get("eager"):
            self.differs(BEFORE_3_12, "eager start")
            if not BEFORE_3_12:
                return self.know_task(name, asyncio.Task(coroutine, loop=self.loop, name=name, eager_start=True))
        return self.know_task(name, self.loop.create_task(coroutine, name=name))

    async def block(self, statements, handled):
        """Runs statements; gives None, or a tuple of the value that one of them returns."""
        for each in statements:
            op = each["op"]
            if op in NOW:
                NOW[op](self, each, handled)
                continue
            returned = await AWAITING[op](self, each, handled)
            if returned is not None:
                return returned
        return None

    def run_now(self, statements):
        for each in statements:
            NOW[each["op"]](self, each, None)

    # What is handed to gather, wait and the rest

    def awaitable(self, spec):
        """A future, or a coroutine; None if it names what is not known."""
        kind = spec["is"]
        if kind == "ref":
            return self.find(self.futures, spec["name"])
        if kind == "spawn":
            return self.spawn(spec)
        if kind == "fn":
            return self.body(spec["name"], spec["body"])
        if kind == "sleep":
            return asyncio.sleep(spec["d"], spec.get("result"))
        if kind == "use":
            primitive = self.find(self.primitives, spec["name"])
            return None if primitive is None else self.wait_in(primitive, spec)
        if kind == "shield":
            inner = self.awaitable(spec["of"])
            return None if inner is None else asyncio.shield(inner)
        if kind == "gather":
            children = self.awaitables(spec["of"])
            as_values = spec.get("returnExceptions", False)
            self.differs(BEFORE_3_12 and _is_settled(children, as_values), "gather of what is done")
            return asyncio.gather(*children, return_exceptions=as_values)
        raise KeyError(kind)

    async def wait_in(self, primitive, spec):
        """A wait in a lock, queue or the like, by the name that the method has in @loop/core as in asyncio."""
        method = getattr(primitive, spec["call"])
        try:
            return await (method(spec["argument"]) if "argument" in spec else method())
        except asyncio.CancelledError:
            kinds = (asyncio.Condition, asyncio.Semaphore, asyncio.Barrier)
            self.differs(BEFORE_3_13 and isinstance(primitive, kinds), "cancelled wait in a condition or semaphore")
            raise
        finally:
            if isinstance(primitive, asyncio.Semaphore):
                waiting = any(not waiter.done() for waiter in primitive._waiters or ())
                self.differs(BEFORE_3_13 and primitive._value > 0 and waiting, "permits that became free at once")

    def awaitables(self, specs):
        found = [self.awaitable(spec) for spec in specs]
        return [each for each in found if each is not None]


def _is_settled(children, as_values):
    """Whether a gather has its outcome when it is made; it used to have it one pass later."""
    done = [child for child in children if asyncio.isfuture(child) and child.done()]
    failed = any(child.cancelled() or child.exception() is not None for child in done)
    return bool(done) and (len(done) == len(children) or (failed and not as_values))
