"""Our server as a process of its own, to be killed and started again in the middle of a story."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from hotline.services import build_services
from simulator.exchange import Habits
from tests.forks import FORKS
from tests.ports import free_port
from tests.stories.promises import failures, keep_promises
from tests.stories.world import Helpdesk, environ_of, network, settings_for


class Server:
    """`app.py` in practice mode. Its log is the file `log`; what it says to who started it is in `said`."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.environ = dict(environ)
        self.log = folder / f"log-{environ['PORT']}"
        self.said = folder / f"said-{environ['PORT']}"
        self.started = 0
        self._process: Any = None

    def start(self) -> None:
        self._process = FORKS.Process(target=_serve, args=(self.environ, self.said, self.log), daemon=True)
        self._process.start()
        self.started += 1
        until_it_answers(int(self.environ["PORT"]))

    def kill(self) -> None:
        """As a machine dies: nothing is finished, nothing is said."""
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()

    def stop(self, ending: signal.Signals = signal.SIGTERM) -> None:
        """As an operator stops it."""
        os.kill(self._process.pid, ending)
        self._process.join(20)
        assert self._process.exitcode == 0

    def wait_until_logged(self, event: str) -> None:
        give_up_at = time.monotonic() + 20
        while event not in self.log.read_text():
            assert time.monotonic() < give_up_at, f"it never logged: {event}"
            threading.Event().wait(0.01)

    @property
    def pid(self) -> int:
        return int(self._process.pid)

    @property
    def running(self) -> bool:
        return bool(self._process and self._process.is_alive())

    def restart(self) -> None:
        self.kill()
        self.start()

    @contextmanager
    def run(self) -> Iterator[Server]:
        """Started for the block, and gone at its end whatever happens."""
        self.start()
        try:
            yield self
        finally:
            if self.running:
                self.kill()


def _serve(environ: Mapping[str, str], said: Path, log: Path) -> None:
    for stream, path in ((sys.stdout, said), (sys.stderr, log)):
        with path.open("a") as file:
            os.dup2(file.fileno(), stream.fileno())
    os.environ.update(environ)
    import app

    sys.exit(app.main())


def until_it_answers(port: int) -> None:
    give_up_at = time.monotonic() + 20
    while time.monotonic() < give_up_at:
        try:
            requests.get(f"http://127.0.0.1:{port}/healthz", timeout=20).raise_for_status()
            return
        except requests.ConnectionError:
            threading.Event().wait(0.01)
    raise AssertionError("the server did not start")


@contextmanager
def server_beside(
    folder: Path, environ: Mapping[str, str] | None = None, habits: Habits | None = None, **phones: Any
) -> Iterator[tuple[Helpdesk, Server]]:
    """A helpdesk whose server runs in a process of its own. Records are looked up beside it."""
    port = str(free_port())
    environ = {"PORT": port, "PUBLIC_URL": f"http://127.0.0.1:{port}", **(environ or {})}
    settings = settings_for(folder, environ)
    with Server(folder, environ_of(folder, environ)).run() as server:
        services = build_services(settings)
        try:
            desk = Helpdesk(settings, services, network(settings, phones, habits))
            failed_before = failures()
            yield desk, server
            server.stop()
            desk.log.write(server.log.read_text())
            keep_promises(desk, failed_before)
        finally:
            services.stop()
