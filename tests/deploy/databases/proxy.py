"""A TCP proxy that makes a link slow, counts its round trips, and can cut it."""

import asyncio
import threading
from contextlib import suppress


class Proxy:
    """Forwards a local port to a server.

    Attributes:
        port: The port to connect to.
        delay: The seconds that a round trip takes longer than without the proxy.
        round_trips: How often the server answered since the start.
        connections: How many connections there were.
    """

    def __init__(self, target: int, delay: float = 0.0):
        self.delay, self.round_trips, self.connections = delay, 0, 0
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server = self._await(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def drop(self) -> None:
        """Cuts all connections. New ones are possible."""
        self._await(self._drop())

    def close(self) -> None:
        """Ends the proxy."""
        self._server.close()
        self.drop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)

    def _await(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(timeout=10)

    async def _drop(self):
        for writer in self._writers:
            writer.transport.abort()

    async def _serve(self, reader, writer):
        self.connections += 1
        asked = False

        async def forward(source, sink, question):
            nonlocal asked
            waiting: asyncio.Queue = asyncio.Queue()

            async def send():
                while True:
                    at, data = await waiting.get()
                    await asyncio.sleep(max(0.0, at - self._loop.time()))
                    if not data:
                        sink.close()
                        return
                    sink.write(data)

            sender = asyncio.ensure_future(send())
            data = b"start"
            while data:
                try:
                    data = await source.read(1 << 16)
                except OSError:
                    data = b""
                if question:
                    asked = True
                elif data and asked:
                    asked = False
                    self.round_trips += 1
                waiting.put_nowait((self._loop.time() + self.delay / 2, data))
            with suppress(OSError):
                await sender

        try:
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, server_writer}
        self._writers |= both
        await asyncio.gather(
            forward(reader, server_writer, True), forward(server_reader, writer, False)
        )
        self._writers -= both
