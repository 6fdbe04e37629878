"""A proxy in front of the backend that can be made to misbehave.

It knows nothing of HTTP but where a request's head ends; whatever comes on a
connection after a fault has begun is answered by the fault.
"""

import asyncio
import threading

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_VECTOR = b'{"status":"success","data":{"resultType":"vector","result":['

# What is sent instead of an answer, and then the connection is closed.
_SAYS = {
    "garbage": b"\x16\x03\x01\x00\xee\x00 220 mail.example ESMTP\r\n\r\n",
    "a page of HTML": b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
                      b"Content-Length: 28\r\n\r\n"
                      b"<html><h1>Sign in</h1></html",
    "a truncated body": _HEAD + b"Content-Length: 4096\r\n\r\n" + _VECTOR,
    "a redirect to another host":
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:9/api/v1/query\r\n"
        b"Content-Length: 0\r\n\r\n",
    "503": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 9\r\n\r\n"
           b"try later",
    "a closed connection": b"",
}
_HANGS = "no answer"
_TRICKLES = "a byte a second"
_ENDLESS = "a body without end"

FAULTS = [*_SAYS, _HANGS, _TRICKLES, _ENDLESS]


class FaultProxy:
    """Listens on a port of 127.0.0.1 and hands on to another, until closed."""

    def __init__(self, port):
        self._to = port
        self._fault = None
        self._loop = asyncio.new_event_loop()
        self._open = set()
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()

    def begin(self, fault):
        self._loop.call_soon_threadsafe(self._change, fault)

    def end(self):
        self._loop.call_soon_threadsafe(self._change, None)

    def close(self):
        self._loop.call_soon_threadsafe(self._change, None)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _change(self, fault):
        self._fault = fault
        for writer in list(self._open):
            writer.close()

    async def _serve(self, reader, writer):
        self._open.add(writer)
        backend = None
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if self._fault:
                    await self._misbehave(writer)
                    return
                if backend is None:
                    backend = await asyncio.open_connection(
                        "127.0.0.1", self._to)
                    asyncio.ensure_future(self._pump(backend[0], writer))
                backend[1].write(head)
                length = _content_length(head)
                if length:
                    backend[1].write(await reader.readexactly(length))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open.discard(writer)
            writer.close()
            if backend:
                backend[1].close()

    async def _pump(self, reader, writer):
        try:
            while piece := await reader.read(256 * 1024):
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        writer.close()

    async def _misbehave(self, writer):
        fault = self._fault
        if fault in _SAYS:
            writer.write(_SAYS[fault])
            await writer.drain()
            return
        if fault != _HANGS:
            writer.write(_HEAD + b"\r\n" + _VECTOR)
        piece = {_HANGS: b"", _TRICKLES: b" ", _ENDLESS: b" " * 65536}[fault]
        while self._fault == fault and not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0 if fault == _ENDLESS else 1)


def _content_length(head):
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0
