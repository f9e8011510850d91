"""The load tool, in a process of its own: sends signed requests over connections that are kept open.

Closed loop: each connection sends when its last answer is there. Open loop: requests are due at fixed times,
and what is measured is the time since a request was due, whether or not it could be sent then.
"""

from __future__ import annotations

import gc
import json
import select
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench.traffic import Script, requests_of

if TYPE_CHECKING:
    from bench.servers import Server


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of it. Latencies in milliseconds; `failed` counts the answers that are not a document."""

    requests: int
    seconds: float
    p50: float
    p99: float
    most: float
    failed: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


def load(
    server: Server,
    scripts: Sequence[Script],
    *,
    first: int,
    calls: int,
    rate: float | None = None,
    connections: int = 16,
) -> Loaded:
    """Sends the webhooks of `calls` calls, numbered from `first`.

    At `rate` a second over as many connections as that takes, or as fast as they are answered.
    """
    order = {
        "origin": server.origin,
        "token": server.settings.auth_tokens[0],
        "scripts": [script.as_json() for script in scripts],
        "first": first,
        "calls": calls,
        "rate": rate,
        "connections": connections,
    }
    command = [sys.executable, "-m", "bench.load"]
    done = subprocess.run(command, input=json.dumps(order), stdout=subprocess.PIPE, text=True, check=True)
    return Loaded(**json.loads(done.stdout))


@dataclass(slots=True, eq=False)
class _Connection:
    socket: socket.socket
    due: float = 0.0
    got: bytearray = field(default_factory=bytearray)

    def fileno(self) -> int:
        return self.socket.fileno()


class _Run:
    def __init__(self, origin: str, connections: int) -> None:
        parts = urlsplit(origin)
        self._address = (parts.hostname, parts.port)
        self._idle = deque(_Connection(self._connect()) for _ in range(connections))
        self._busy: set[_Connection] = set()
        self._latencies: list[float] = []
        self._failed = 0

    def send_at_once(self, requests: Iterable[bytes]) -> None:
        for request in requests:
            while not self._idle:
                self._receive(None)
            self._send(request, time.perf_counter())
        self._finish()

    def send_when_due(self, requests: Iterable[bytes], rate: float) -> None:
        start = time.perf_counter()
        for number, request in zip(count(), requests, strict=False):
            due = start + number / rate
            while (wait := due - time.perf_counter()) > 0 or not self._idle:
                self._receive(wait if wait > 0 else None)
            self._send(request, due)
        self._finish()

    def result(self, seconds: float) -> Loaded:
        ordered = sorted(self._latencies)
        p50, p99, most = (1000 * ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.99, 1.0))
        return Loaded(len(ordered), seconds, p50, p99, most, self._failed)

    def _connect(self) -> socket.socket:
        opened = socket.create_connection(self._address)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def _send(self, request: bytes, due: float) -> None:
        connection = self._idle.popleft()
        connection.due = due
        connection.socket.sendall(request)
        self._busy.add(connection)

    def _finish(self) -> None:
        while self._busy:
            self._receive(None)

    def _receive(self, timeout: float | None) -> None:
        """Waits for answers, at most so long, and takes all that are there."""
        # Unlike an epoll, this one does not round the wait up to milliseconds.
        ready, _, _ = select.select(self._busy, (), (), timeout)
        for connection in ready:
            part = connection.socket.recv(65536)
            connection.got += part
            if part and not _is_whole(connection.got):
                continue
            self._latencies.append(time.perf_counter() - connection.due)
            self._failed += not _is_document(connection.got)
            self._busy.discard(connection)
            self._idle.append(connection if part else _Connection(self._connect()))
            connection.got.clear()


def _is_whole(got: bytearray) -> bool:
    head, found, body = got.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
    return bool(found) and len(body) >= int(length)


def _is_document(got: bytearray) -> bool:
    return got.startswith(b"HTTP/1.1 200") and b"<?xml" in got


def _main(order: dict[str, Any]) -> Loaded:
    scripts = [Script.from_json(told) for told in order["scripts"]]
    requests: Iterable[bytes] = requests_of(
        scripts, order["first"], order["calls"], order["origin"], order["token"]
    )
    if order["rate"] is not None or order["calls"] <= _MOST_READY:
        requests = list(requests)
    run = _Run(order["origin"], order["connections"])
    gc.collect()
    gc.disable()
    start = time.perf_counter()
    if order["rate"] is None:
        run.send_at_once(requests)
    else:
        run.send_when_due(requests, order["rate"])
    return run.result(time.perf_counter() - start)


#: Above this many calls requests are made while they are sent: that costs a little, and no memory.
_MOST_READY = 2000

if __name__ == "__main__":
    json.dump(asdict(_main(json.load(sys.stdin))), sys.stdout)
