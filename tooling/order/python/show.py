"""How values, errors and times are written in a trace. src/trace.ts writes the same text."""

import asyncio


class Boom(Exception):
    """The error that programs raise themselves."""


# An English sentence of the library is not part of what is compared, only what kind of error it is.
_KINDS = (
    (asyncio.TimeoutError, "Timeout"),
    (asyncio.BrokenBarrierError, "BrokenBarrier"),
    (asyncio.QueueEmpty, "QueueEmpty"),
    (asyncio.QueueFull, "QueueFull"),
    (getattr(asyncio, "QueueShutDown", asyncio.QueueFull), "QueueShutDown"),
    (asyncio.InvalidStateError, "InvalidState"),
    (RuntimeError, "RuntimeError"),
    (ValueError, "ValueError"),
)


def show_error(error):
    if isinstance(error, Boom):
        return f"Boom({error})"
    if isinstance(error, asyncio.CancelledError):
        return f"Cancelled({error})"
    if isinstance(error, BaseExceptionGroup):
        return f"Group[{', '.join(map(show_error, error.exceptions))}]"
    for kind, name in _KINDS:
        if isinstance(error, kind):
            return name
    return f"{type(error).__name__}({error})"


def show(value):
    if value is None:
        return "none"
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, BaseException):
        return show_error(value)
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(show, value))}]"
    return str(value)


def show_time(time):
    return f"{time:g}"


def show_state(future):
    """A future's state, in one word and its outcome."""
    if not future.done():
        return "pending"
    if future.cancelled():
        return "cancelled"
    error = future.exception()
    return f"result {show(future.result())}" if error is None else f"error {show_error(error)}"
