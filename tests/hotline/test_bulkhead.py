"""However many pages wait for the database, a webhook finds a thread."""

from __future__ import annotations

import threading
from typing import Any

from werkzeug.test import Client

from hotline.web.bulkhead import Bulkhead


def test_pages_beyond_the_limit_are_sent_away_at_once_and_webhooks_never() -> None:
    inside, go_on = threading.Semaphore(0), threading.Event()

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["PATH_INFO"] == "/slow":
            inside.release()
            go_on.wait(10)
        start_response("200 OK", [])
        return [b"done"]

    guarded = Bulkhead(app, pages=2)
    slow = [threading.Thread(target=lambda: Client(guarded).get("/slow")) for _ in range(2)]
    for thread in slow:
        thread.start()
        assert inside.acquire(timeout=10)
    refused = Client(guarded).get("/now")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"]
    assert Client(guarded).post("/voice/incoming").status_code == 200
    assert Client(guarded).get("/healthz").status_code == 200
    go_on.set()
    for thread in slow:
        thread.join(10)
    assert Client(guarded).get("/now").status_code == 200
