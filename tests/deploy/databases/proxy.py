"""A TCP proxy that makes a link slow, counts its round trips, and can cut it.

It is a process of its own: ML Metadata holds Python's global lock while it waits for the server.
"""

import asyncio
import json
import subprocess
import sys
from contextlib import suppress
from typing import Any


class Proxy:
    """Forwards a local port to a server.

    Attributes:
        port: The port to connect to.
    """

    def __init__(self, target: int, delay: float = 0.0):
        """Starts the proxy.

        Args:
            target: The port of the server.
            delay: The seconds that a round trip takes longer than without the proxy.
        """
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(target), str(delay)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port: int = self._answer()["port"]

    @property
    def round_trips(self) -> int:
        """How often the server answered since the start."""
        return self._ask("count")["round_trips"]

    @property
    def connections(self) -> int:
        """How many connections there were."""
        return self._ask("count")["connections"]

    def drop(self) -> None:
        """Cuts all connections. New ones are possible."""
        self._ask("drop")

    def close(self) -> None:
        """Ends the proxy."""
        self._process.kill()
        self._process.communicate(timeout=10)

    def _ask(self, command: str) -> dict[str, int]:
        assert self._process.stdin
        self._process.stdin.write(f"{command}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, int]:
        assert self._process.stdout
        return json.loads(self._process.stdout.readline())


class _Link:
    def __init__(self, target: int, delay: float):
        self.counts = {"round_trips": 0, "connections": 0}
        self._target, self._delay = target, delay
        self._writers: set[asyncio.StreamWriter] = set()

    def drop(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.counts["connections"] += 1
        try:
            server = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, server[1]}
        self._writers |= both
        asked = [False]
        await asyncio.gather(
            self._forward(reader, server[1], asked, True),
            self._forward(server[0], writer, asked, False),
        )
        self._writers -= both

    async def _forward(self, source: Any, sink: Any, asked: list[bool], is_question: bool) -> None:
        loop = asyncio.get_running_loop()
        data = b"start"
        while data:
            try:
                data = await source.read(1 << 16)
            except OSError:
                data = b""
            if not is_question and data and asked[0]:
                self.counts["round_trips"] += 1
            asked[0] = is_question
            # In the order of the calls, so the data stays in order.
            loop.call_later(self._delay / 2, self._send, sink, data)

    @staticmethod
    def _send(sink: Any, data: bytes) -> None:
        with suppress(OSError, RuntimeError):
            sink.write(data) if data else sink.close()


async def _main(target: int, delay: float) -> None:
    link = _Link(target, delay)
    server = await asyncio.start_server(link.serve, "127.0.0.1", 0)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line == "drop\n":
            link.drop()
        print(json.dumps(link.counts), flush=True)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]), float(sys.argv[2])))
