"""An asyncio loop whose clock only moves when nothing is ready, so that a program takes no time and has one trace."""

import asyncio.base_events
import asyncio.events

# Timers count as due when they are less than this away; with 0, one whose time has just come would stay in the heap.
RESOLUTION = 1e-9


class FifoTimerHandle(asyncio.events.TimerHandle):
    """A heap gives equal deadlines in no particular order; what is compared is the order of insertion."""

    __slots__ = ("_sequence",)
    _created = 0

    def __init__(self, *args):
        super().__init__(*args)
        FifoTimerHandle._created += 1
        self._sequence = FifoTimerHandle._created

    def __lt__(self, other):
        return (self._when, self._sequence) < (other._when, other._sequence)


asyncio.events.TimerHandle = FifoTimerHandle


class _JumpingSelector:
    """Watches no descriptor: to wait means to move the clock to the deadline that was waited for."""

    def __init__(self):
        self.now = 0

    def select(self, timeout):
        if timeout is None:
            raise RuntimeError("nothing is ready and no timer is set")
        if timeout > 0:
            self.now += timeout
        return ()


class VirtualClockEventLoop(asyncio.base_events.BaseEventLoop):
    """asyncio's own scheduling without descriptors: one costs microseconds, so each program gets a new one."""

    def __init__(self):
        super().__init__()
        self._selector = _JumpingSelector()
        self._clock_resolution = RESOLUTION

    def time(self):
        return self._selector.now

    def _process_events(self, event_list):
        pass

    def _write_to_self(self):
        pass
