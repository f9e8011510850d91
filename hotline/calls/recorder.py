"""Drains the journal into the logbook, in order and idempotently.

It may be slow, or the database away: calls do not notice, and when it returns everything is there.
One process of an instance folder drains at a time.
"""

from __future__ import annotations

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from hotline import logs, metrics
from hotline.calls.logbook import Logbook
from hotline.journal import Journal
from hotline.storage import schema

log = logs.get_logger(__name__)

_BATCH = 500
_PAUSE_SECONDS = 0.3
_LONGEST_PAUSE_SECONDS = 5.0
#: The thread rests so many times as long as it worked: calls go first. What comes in meanwhile is recorded
#: in larger parts, and that costs less altogether.
_REST = 3


class Recorder:
    """A thread that drains when there is something to drain; `drain` does it once, from anywhere."""

    def __init__(self, journal: Journal, engine: Engine, logbook: Logbook, instance_dir: Path) -> None:
        self._journal = journal
        self._engine = engine
        self._logbook = logbook
        self._lock_file = instance_dir / "recorder.lock"
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._schema_is_current = False

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def drain(self, rest: float = 0) -> int:
        """Records what the journal holds; how many events that were. 0 too while another process drains.

        After every few hundred it rests `rest` times as long as they took.
        Raises SQLAlchemyError when the database is away: nothing is lost by it.
        """
        with self._alone() as alone:
            if not alone:
                return 0
            try:
                self._ensure_schema()
                return sum(self._batches(rest))
            except SQLAlchemyError:
                # What comes back may be another database: an older copy, or an empty one.
                self._schema_is_current = False
                raise

    def _batches(self, rest: float) -> Iterator[int]:
        after = 0
        while batch := self._journal.read(after, _BATCH):
            began = time.monotonic()
            after = batch[-1][0]
            self._logbook.record([event for _, event in batch])
            # Killed here, the batch is read again, and every key is known already.
            self._journal.forget(after)
            metrics.recorded.inc(len(batch))
            yield len(batch)
            self._stop.wait(rest * (time.monotonic() - began))
            if len(batch) < _BATCH:
                return

    def _ensure_schema(self) -> None:
        if not self._schema_is_current:
            schema.upgrade(self._engine)
            self._schema_is_current = True

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        self._lock_file.parent.mkdir(parents=True, exist_ok=True)
        with self._lock_file.open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    def _run(self) -> None:
        # At once, for whoever wants to log in: it makes the tables of a new database.
        failures = self._drain_once(0)
        while not self._stop.wait(min(_PAUSE_SECONDS * 2**failures, _LONGEST_PAUSE_SECONDS)):
            failures = self._drain_once(failures)
        self._drain_once(failures)

    def _drain_once(self, failures: int) -> int:
        try:
            self.drain(_REST)
        except Exception as fault:
            reason = "database" if isinstance(fault, SQLAlchemyError) else type(fault).__name__
            metrics.recording_failed.labels(reason).inc()
            if failures == 0:
                log.exception("recording failed", backlog=self._journal.status().backlog)
            return min(failures + 1, 10)
        if failures:
            log.warning("recording again")
        return 0
