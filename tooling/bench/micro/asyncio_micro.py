"""The primitives of CPython's asyncio, or of uvloop.

    asyncio_micro.py [--uvloop] MILLISECONDS      prints nanoseconds as JSON

The same batches, of the same sizes, as loop.mjs has.
"""

import argparse
import asyncio
import json
import statistics
import time

OPERATIONS = 1000
TIMERS = 10_000
LEAST_BATCHES = 5
WARM_UP = 1 / 3


def nothing():
    pass


async def call_soon():
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    for _ in range(OPERATIONS - 1):
        loop.call_soon(nothing)
    loop.call_soon(done.set_result, None)
    await done


async def call_soon_chain():
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    left = OPERATIONS

    def step():
        nonlocal left
        left -= 1
        if left == 0:
            done.set_result(None)
        else:
            loop.call_soon(step)

    loop.call_soon(step)
    await done


async def call_later_cancelled():
    loop = asyncio.get_running_loop()
    for i in range(OPERATIONS):
        loop.call_later(1 + (i * 7919 % 5000) / 1000, nothing).cancel()
    await asyncio.sleep(0)


async def call_later_fired():
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    left = TIMERS

    def fired():
        nonlocal left
        left -= 1
        if left == 0:
            done.set_result(None)

    for _ in range(TIMERS):
        loop.call_later(0, fired)
    await done
    return TIMERS


async def switches():
    for _ in range(OPERATIONS):
        await asyncio.sleep(0)


async def task_switch():
    tasks = [asyncio.create_task(switches()) for _ in range(10)]
    for task in tasks:
        await task
    return 10 * OPERATIONS


async def future_wake_up():
    loop = asyncio.get_running_loop()
    ping = loop.create_future()
    pong = loop.create_future()
    rounds = OPERATIONS // 2

    async def answer():
        nonlocal ping
        for _ in range(rounds):
            await ping
            ping = loop.create_future()
            pong.set_result(None)

    answering = asyncio.create_task(answer())
    for _ in range(rounds):
        ping.set_result(None)
        await pong
        pong = loop.create_future()
    await answering


async def empty():
    pass


async def create():
    tasks = [asyncio.create_task(empty()) for _ in range(OPERATIONS)]
    for task in tasks:
        await task


async def lock_hand_over():
    lock = asyncio.Lock()
    await lock.acquire()

    async def turns():
        for _ in range(OPERATIONS // 10):
            await lock.acquire()
            lock.release()

    tasks = [asyncio.create_task(turns()) for _ in range(10)]
    await asyncio.sleep(0)
    lock.release()
    for task in tasks:
        await task


async def lock_free():
    lock = asyncio.Lock()
    for _ in range(OPERATIONS):
        await lock.acquire()
        lock.release()


async def queue_put_get():
    queue = asyncio.Queue()
    for i in range(OPERATIONS):
        await queue.put(i)
        await queue.get()


async def queue_hand_over():
    queue = asyncio.Queue(1)

    async def produce():
        for i in range(OPERATIONS):
            await queue.put(i)

    producing = asyncio.create_task(produce())
    for _ in range(OPERATIONS):
        await queue.get()
    await producing


BATCHES = {
    "callSoon": call_soon,
    "callSoonChain": call_soon_chain,
    "callLaterCancelled": call_later_cancelled,
    "callLaterFired": call_later_fired,
    "taskSwitch": task_switch,
    "taskSwitchAlone": switches,
    "futureWakeUp": future_wake_up,
    "createTask": create,
    "lockFree": lock_free,
    "lockHandOver": lock_hand_over,
    "queuePutGet": queue_put_get,
    "queueHandOver": queue_hand_over,
}


async def repeat(batch, milliseconds):
    times = []
    until = time.perf_counter() + milliseconds / 1000
    while len(times) < LEAST_BATCHES or time.perf_counter() < until:
        begun = time.process_time_ns()
        operations = await batch() or OPERATIONS
        times.append((time.process_time_ns() - begun) / operations)
    return statistics.median(times)


async def measure(milliseconds):
    figures = {}
    for name, batch in BATCHES.items():
        await repeat(batch, milliseconds * WARM_UP)
        figures[name] = await repeat(batch, milliseconds)
    return figures


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--uvloop", action="store_true")
    arguments.add_argument("milliseconds", type=float, nargs="?", default=300)
    options = arguments.parse_args()
    if options.uvloop:
        import uvloop

        uvloop.install()
    print(json.dumps(asyncio.run(measure(options.milliseconds))))


main()
