"""Processes on CPython's asyncio, or on uvloop:   asyncio_spawn.py [--uvloop] MIB SECONDS WARMUP

Ends with a line of JSON; see measure.mjs for what is measured.
"""

import asyncio
import json
import statistics
import sys
import time

PAGE = 4096


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * PAGE


def ballast(mebibytes):
    return b"\1" * max(0, mebibytes * 2**20 - resident())


async def main(mebibytes, seconds, warmup):
    held = ballast(mebibytes)
    loop = asyncio.get_running_loop()
    last = time.perf_counter()
    pause = 0.0
    ends = False

    def tick():
        nonlocal last, pause
        now = time.perf_counter()
        pause = max(pause, now - last - 0.001)
        last = now
        if not ends:
            loop.call_later(0.001, tick)

    loop.call_later(0.001, tick)
    devnull = asyncio.subprocess.DEVNULL
    durations, pauses = [], []
    start = time.perf_counter() + warmup
    while (now := time.perf_counter()) < start + seconds:
        pause = 0.0
        process = await asyncio.create_subprocess_exec("/bin/true", stdin=devnull, stdout=devnull, stderr=devnull)
        await process.wait()
        end = time.perf_counter()
        await asyncio.sleep(0.002)
        if now >= start:
            durations.append(end - now)
            pauses.append(pause)
    ends = True
    result = {
        "spawnMs": statistics.median(durations) * 1000,
        "pauseMs": statistics.median(pauses) * 1000,
        "longestMs": max(pauses) * 1000,
        "spawns": len(durations),
        "residentMiB": resident() / 2**20,
        "held": len(held),
    }
    print(json.dumps(result))


arguments = sys.argv[1:]
if "--uvloop" in arguments:
    import uvloop

    arguments.remove("--uvloop")
    uvloop.install()
elif sys.version_info < (3, 12):
    # The default only since 3.12; before that each child had a thread.
    asyncio.set_child_watcher(asyncio.PidfdChildWatcher())
asyncio.run(main(int(arguments[0]), float(arguments[1]), float(arguments[2])))
