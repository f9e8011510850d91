"""Serves a WSGI app on a loopback port of its own, in a thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


class Served:
    """`with Served(app) as origin:` serves until the end of the block. `port` 0: any that is free."""

    def __init__(self, app: Callable[..., Any], port: int = 0) -> None:
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", port, app, threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(target=self._serve, name="served-app", daemon=True)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def start(self) -> str:
        self._thread.start()
        return self.origin

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.01)

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def __enter__(self) -> str:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
