"""Keeps threads free for callers: pages may hold only some of them, however slow the database is.

A page that finds none free is told to come back in a moment; a webhook never waits for a page.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any

#: Threads that pages may hold at once, of `serving.THREADS`.
PAGES = 5

_NEVER_SLOW = ("/voice/", "/healthz", "/static/")

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Bulkhead:
    """A WSGI application in front of another."""

    def __init__(self, app: WsgiApp, pages: int = PAGES) -> None:
        self._app = app
        self._free = threading.BoundedSemaphore(pages)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if str(environ.get("PATH_INFO", "")).startswith(_NEVER_SLOW):
            return self._app(environ, start_response)
        if not self._free.acquire(blocking=False):
            headers = [("Content-Type", "text/plain"), ("Retry-After", "2"), ("Cache-Control", "no-store")]
            start_response("503 Service Unavailable", headers)
            return [b"Busy. Try again in a moment.\n"]
        try:
            return self._app(environ, start_response)
        finally:
            self._free.release()
