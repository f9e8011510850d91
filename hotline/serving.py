"""Serves the application with waitress until it is told to stop, and lets requests in flight finish."""

from __future__ import annotations

import gc
import logging
import signal
import socket
from types import FrameType
from typing import Any

from flask import Flask
from waitress.server import create_server

from hotline import logs

log = logs.get_logger(__name__)

THREADS = 12
#: Slow or silent connections wait in the server's own loop, so there may be many; a thread is only
#: taken by a request that has arrived whole.
CONNECTIONS = 1000
MOST_BODY = 1024 * 1024


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections already; port 0 is any that is free. Raises OSError."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(address)
        opened.listen(1024)
    except OSError:
        opened.close()
        raise
    return opened


def make_server(app: Flask, listening: socket.socket, threads: int = THREADS) -> Any:
    """A waitress server on the socket; `run()` serves, `close()` ends it."""
    # Its line for every request that finds no thread free would make a rush worse.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    return create_server(
        app,
        sockets=[listening],
        threads=threads,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        channel_timeout=30,
        max_request_body_size=MOST_BODY,
        max_request_header_size=64 * 1024,
        ident=None,
    )


def serve(app: Flask, listening: socket.socket) -> None:
    """Blocks until SIGTERM or SIGINT. Requests in flight are answered first."""
    # To look through all that is there by now would stop every call for a tenth of a second, again and again.
    gc.collect()
    gc.freeze()
    server = make_server(app, listening)

    def stop(_signal: int, _frame: FrameType | None) -> None:
        # On SystemExit waitress ends its loop and waits for its threads; on the signal alone it drops them.
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    # Started in the background a process is told to ignore this one; who sends it means it.
    signal.signal(signal.SIGINT, stop)
    host, port = listening.getsockname()[:2]
    log.info("serving", host=host, port=port)
    try:
        server.run()
    finally:
        server.close()
