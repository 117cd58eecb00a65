"""Datagrams on CPython's asyncio, or on uvloop.

    asyncio_udp.py [--uvloop] send PORT SIZES SECONDS WARMUP
    asyncio_udp.py [--uvloop] receive SECONDS WARMUP          prints "listening PORT"

Ends with a line of JSON.
"""

import asyncio
import json
import resource
import sys
import time

BURST = 64


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


class Window:
    def __init__(self, seconds, warmup):
        self.seconds, self.warmup = seconds, warmup
        self.total = self.before = 0
        self.start = self.cpu = None

    def counted(self, count):
        now = time.perf_counter()
        self.total += count
        if self.start is None:
            self.start = now + self.warmup
        if self.cpu is None:
            if now < self.start:
                return False
            self.start, self.before, self.cpu = now, self.total, cpu()
        return now >= self.start + self.seconds

    def report(self):
        print(
            json.dumps(
                {
                    "datagrams": self.total - self.before,
                    "total": self.total,
                    "seconds": time.perf_counter() - self.start,
                    "cpuSeconds": cpu() - self.cpu,
                }
            )
        )


async def send(port, sizes, window):
    least, _, most = sizes.partition("-")
    least, most = int(least), int(most or least)
    data = bytes((at * 7 + 3) & 255 for at in range(most))
    payloads = [data[:size] for size in range(least, most + 1)]
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, remote_addr=("127.0.0.1", port))
    following = 0
    while True:
        for _ in range(BURST):
            transport.sendto(payloads[following])
            following = (following + 1) % len(payloads)
        await asyncio.sleep(0)
        if window.counted(BURST):
            break
    window.report()
    transport.abort()


class Receiver(asyncio.DatagramProtocol):
    def __init__(self, window, over):
        self.window, self.over = window, over

    def datagram_received(self, data, addr):
        if self.window.counted(1) and not self.over.done():
            self.over.set_result(None)


async def receive(window):
    loop = asyncio.get_running_loop()
    over = loop.create_future()
    transport, _ = await loop.create_datagram_endpoint(lambda: Receiver(window, over), local_addr=("127.0.0.1", 0))
    print("listening", transport.get_extra_info("sockname")[1], flush=True)
    await over
    window.report()
    transport.abort()


def main():
    arguments = sys.argv[1:]
    if arguments[0] == "--uvloop":
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
        arguments = arguments[1:]
    if arguments[0] == "send":
        port, sizes, seconds, warmup = arguments[1:]
        asyncio.run(send(int(port), sizes, Window(float(seconds), float(warmup))))
    else:
        seconds, warmup = arguments[1:]
        asyncio.run(receive(Window(float(seconds), float(warmup))))


main()
