"""A TCP proxy that counts: what goes to a server and what comes back."""

import asyncio
import dataclasses
import re
import threading
import time

_REQUEST = re.compile(rb"^[A-Z]+ \S+ HTTP/1\.1\r$", re.M)


@dataclasses.dataclass
class Traffic:
    sent: int = 0      # bytes from the clients
    received: int = 0  # bytes from the server
    requests: int = 0
    first: float = 0   # when the first byte went, monotonic
    last: float = 0    # when the last byte came back


class CountingProxy:
    """Listens on a port of 127.0.0.1 and hands on to another, until closed."""

    def __init__(self, port):
        self._to = port
        self._loop = asyncio.new_event_loop()
        self.traffic = Traffic()
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % (
            self._server.sockets[0].getsockname()[1])
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._server.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _serve(self, reader, writer):
        to_reader, to_writer = await asyncio.open_connection(
            "127.0.0.1", self._to)
        try:
            await asyncio.gather(
                self._pump(reader, to_writer, self._count_sent),
                self._pump(to_reader, writer, self._count_received))
        except ConnectionError:
            pass
        finally:
            writer.close()
            to_writer.close()

    async def _pump(self, reader, writer, count):
        while piece := await reader.read(256 * 1024):
            count(piece)
            writer.write(piece)
            await writer.drain()
        writer.write_eof()

    def _count_sent(self, piece):
        self.traffic.first = self.traffic.first or time.monotonic()
        self.traffic.sent += len(piece)
        self.traffic.requests += len(_REQUEST.findall(piece))

    def _count_received(self, piece):
        self.traffic.last = time.monotonic()
        self.traffic.received += len(piece)
