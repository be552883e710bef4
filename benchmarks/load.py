"""A load generator that is not in the way: keep-alive connections, one request at a time on each.

    python -m benchmarks.load HOST:PORT SECONDS CONNECTIONS < request.bin

reads one whole HTTP request from standard input, sends it over and over, and prints the answers per second as JSON.
"""

import asyncio
import json
import sys
import time
from typing import cast


class _Connection(asyncio.Protocol):
    def __init__(self, request: bytes, counts: dict[str, int]) -> None:
        self._request = request
        self._counts = counts
        self._missing = 0
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._head[:end].lower()
            self._counts["ok" if head[9:10] == b"2" else "failed"] += 1
            start = head.index(b"content-length:") + 15
            length = int(head[start : (head.find(b"\r", start) + 1 or len(head) + 1) - 1])
            self._missing = length - (len(self._head) - end - 4)
            self._head = b""
        if self._missing <= 0:
            self._missing = 0
            self._transport.write(self._request)


async def _load(host: str, port: int, seconds: float, connections: int, request: bytes) -> dict[str, float]:
    loop = asyncio.get_running_loop()
    counts = {"ok": 0, "failed": 0}
    opened = [
        await loop.create_connection(lambda: _Connection(request, counts), host, port) for _ in range(connections)
    ]
    await asyncio.sleep(0.3)
    counts.update(ok=0, failed=0)
    start = time.perf_counter()
    await asyncio.sleep(seconds)
    spent = time.perf_counter() - start
    rate, failed = counts["ok"] / spent, counts["failed"]
    for transport, _ in opened:
        transport.abort()
    return {"per_second": rate, "failed": failed}


def main() -> None:
    import uvloop

    host, _, port = sys.argv[1].rpartition(":")
    request = sys.stdin.buffer.read()
    result = uvloop.run(_load(host, int(port), float(sys.argv[2]), int(sys.argv[3]), request))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
