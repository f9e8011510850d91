"""Starts a server to be measured, and tells how much memory it holds."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.served import settings_for
from hotline.settings import Settings


@dataclass(frozen=True)
class Server:
    """A server that runs. `settings` are its own, secrets included."""

    settings: Settings
    process: subprocess.Popen[str]

    @property
    def origin(self) -> str:
        return self.settings.public_url

    def memory(self) -> float:
        """Resident memory in MB (10^6 bytes)."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise ProcessLookupError(self.process.pid)

    def backlog(self) -> int:
        """Events that wait to be recorded."""
        with sqlite3.connect(self.settings.instance_dir / "journal.db") as journal:
            waiting = "SELECT count(*) FROM events WHERE seq > (SELECT upto FROM recorded)"
            found: int = journal.execute(waiting).fetchone()[0]
        journal.close()
        return found

    def wait_until_recorded(self, limit: float = 120.0) -> float:
        """Seconds until nothing waits to be recorded any more, `limit` at most."""
        start = time.monotonic()
        while self.backlog() and time.monotonic() - start < limit:
            time.sleep(0.2)
        return time.monotonic() - start


@contextmanager
def server(which: str, folder: Path) -> Iterator[Server]:
    """`which` is "ours" or "bare"; `folder` is the instance. Its log is `server.log` there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "server.log").open("a", encoding="utf-8") as log:
        command = [sys.executable, "-m", "bench.served", which, str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port:
            raise SystemExit(
                "The server did not start: " + (folder / "server.log").read_text(encoding="utf-8")
            )
        yield Server(settings_for(folder, f"http://127.0.0.1:{port}"), process)
    finally:
        process.terminate()
        process.wait(timeout=60)
        if process.stdout is not None:
            process.stdout.close()
