"""TCP echo on CPython's asyncio, or on uvloop.

    asyncio_echo.py [--uvloop] [--buffered | --streams] PORT      prints "listening PORT"; runs until a signal ends it

Protocol style by default; --buffered receives into memory of its own, and --streams echoes through StreamReader and StreamWriter.
"""

import argparse
import asyncio
import resource

BACKLOG = 4096


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.transport.write(data)

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


received = memoryview(bytearray(65536))


class BufferedEcho(asyncio.BufferedProtocol):
    """One buffer for all connections: what the kernel does not take at once is copied by the transport."""

    def connection_made(self, transport):
        self.transport = transport

    def get_buffer(self, sizehint):
        return received

    def buffer_updated(self, count):
        self.transport.write(bytes(received[:count]))

    def pause_writing(self):
        self.transport.pause_reading()

    def resume_writing(self):
        self.transport.resume_reading()


async def echo_stream(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def serve(port, protocol):
    if protocol is None:
        server = await asyncio.start_server(echo_stream, "127.0.0.1", port, backlog=BACKLOG)
    else:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(protocol, "127.0.0.1", port, backlog=BACKLOG)
    print("listening", server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--uvloop", action="store_true")
    style = arguments.add_mutually_exclusive_group()
    style.add_argument("--buffered", action="store_const", dest="protocol", const=BufferedEcho)
    style.add_argument("--streams", action="store_const", dest="protocol", const=None)
    arguments.set_defaults(protocol=Echo)
    arguments.add_argument("port", type=int, nargs="?", default=0)
    options = arguments.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if options.uvloop:
        import uvloop

        uvloop.install()
    asyncio.run(serve(options.port, options.protocol))


main()
