"""Puts every event on disk before its webhook is answered, whatever the main database is doing.

While the disk refuses, events wait in memory and are tried again. The recorder reads from here and says
how far it has come. `journal_writer` is the one thread that writes.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from hotline import metrics
from hotline.events import Event
from hotline.journal_file import COLUMNS, Reader, Row, fault_of
from hotline.journal_writer import JournalWriter, Ticket
from hotline.logs import get_logger

_DAY = 86_400.0
_MEBIBYTE = 1024 * 1024
_UNRECORDED = "seq > (SELECT upto FROM recorded)"
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class JournalStatus:
    """`backlog` events wait to be recorded, the oldest since `oldest`; `in_memory` of them are not on disk.

    `fault` says why the journal cannot be written or read now: "locked", "full", "read-only", "absent",
    "damaged", "unwritable"; "nearly full" while it still can; None when all is well.
    """

    backlog: int
    oldest: datetime | None
    in_memory: int
    fault: str | None


class Journal:
    """A journal at `path`, for all threads of a process; several processes may share it.

    Faults of the disk are counted and logged, not raised.
    """

    def __init__(
        self,
        path: Path,
        *,
        memory_limit: int = 50_000,
        keep_seconds: float = 2 * _DAY,
        reserve_bytes: int = 8 * _MEBIBYTE,
    ) -> None:
        """`memory_limit` counts events. What is recorded stays for `keep_seconds`: longer than any call."""
        self._path = path
        self._memory_limit = memory_limit
        self._unwritten: dict[str, float] = {}
        self._lock = Lock()
        self._closed = False
        self._reader: Reader | None = None
        self._reader_lock = Lock()
        self._writer = JournalWriter(path, self._written, keep_seconds, reserve_bytes)
        self._writer.put(Ticket()).wait(1.5)

    def append(self, events: Sequence[Event], timeout: float = 1.5) -> bool:
        """True when all are on disk; an event whose key is known already is. Order is kept.

        False when that did not happen within `timeout` seconds: they wait in memory and reach the disk when
        it can be written again, unless memory's limit is reached or the journal closed. Raises ValueError or
        TypeError for an event that could never be stored: `at` without offset, data that is not JSON.
        """
        kept_at = time.time()
        rows = [_row(event, kept_at) for event in events]
        with self._lock:
            # A key that is queued already is written no later than this ticket is answered.
            rows = [row for row in rows if row[0] not in self._unwritten]
            if self._closed or len(self._unwritten) + len(rows) > self._memory_limit:
                metrics.journal_lost.inc(len(rows))
                log.critical("the journal lost events", count=len(rows), backlog=len(self._unwritten))
                return False
            self._unwritten.update((row[0], kept_at) for row in rows)
            ticket = self._writer.put(Ticket(rows))
        if ticket.wait(timeout):
            return True
        metrics.journal_late.inc()
        return False

    def holds(self, key: str) -> bool:
        """True when an event of that key was appended: queued, or on disk and not long recorded."""
        key = _plain(key)
        return key in self._unwritten or bool(self._query("SELECT 1 FROM events WHERE key = ?", key))

    def read(self, after: int, limit: int) -> list[tuple[int, Event]]:
        """The events on disk that are not forgotten, by their rising numbers, from the first above `after`.

        Empty as well while the file cannot be read; `status` tells.
        """
        statement = f"SELECT seq, {COLUMNS} FROM events WHERE seq > ? AND {_UNRECORDED} ORDER BY seq LIMIT ?"
        return [(seq, _event(row)) for seq, *row in self._query(statement, after, limit) or ()]

    def forget(self, upto: int) -> None:
        """Says that every event up to this number is recorded. Should that get lost, they are read again."""
        with self._lock:
            if self._closed:
                return
            ticket = self._writer.put(Ticket(upto=upto))
        ticket.wait(1.5)

    def status(self) -> JournalStatus:
        found = self._query(f"SELECT count(*), min(kept_at) FROM events WHERE {_UNRECORDED}")
        on_disk, oldest = found[0] if found else (0, None)
        with self._lock:
            in_memory = len(self._unwritten)
            waiting_since = next(iter(self._unwritten.values()), None)
        first = min((at for at in (oldest, waiting_since) if at is not None), default=None)
        return JournalStatus(
            backlog=on_disk + in_memory,
            oldest=None if first is None else datetime.fromtimestamp(first, UTC),
            in_memory=in_memory,
            fault=self._writer.fault or ("absent" if found is None else None),
        )

    def close(self) -> None:
        """Writes what is left, for a few seconds at most, and lets go of the file. Nothing is read after."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
        # The writer goes last: the last one out folds the write-ahead log into the file, a reader cannot.
        with self._reader_lock:
            self._drop_reader()
        self._writer.close()
        if self._unwritten:
            metrics.journal_lost.inc(len(self._unwritten))
            log.critical("the journal lost events", count=len(self._unwritten))

    def _written(self, tickets: Sequence[Ticket]) -> None:
        with self._lock:
            for ticket in tickets:
                for row in ticket.rows:
                    self._unwritten.pop(row[0], None)

    def _query(self, statement: str, *arguments: object) -> list[tuple[Any, ...]] | None:
        with self._reader_lock:
            try:
                if self._closed:
                    return None
                if self._reader is not None and not self._reader.is_in_place():
                    self._drop_reader()
                if self._reader is None:
                    self._reader = Reader(self._path)
                return self._reader.query(statement, arguments)
            except (sqlite3.Error, OSError) as error:
                self._drop_reader()
                metrics.journal_faults.labels("unreadable").inc()
                log.exception("the journal cannot be read", fault=fault_of(error))
                return None

    def _drop_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def _row(event: Event, kept_at: float) -> Row:
    if event.at.utcoffset() is None:
        raise ValueError("an event's instant must have an offset")
    return (
        _plain(event.key),
        _plain(event.call),
        _plain(event.kind),
        event.at.astimezone(UTC).isoformat(),
        json.dumps(dict(event.data), allow_nan=False),
        _plain(event.personal),
        kept_at,
    )


def _event(row: Sequence[Any]) -> Event:
    key, call, kind, at, data, personal, _ = row
    return Event(key, call, kind, datetime.fromisoformat(at), json.loads(data), personal)


def _plain(text: str) -> str:
    """Text every database takes: no NUL, no half of a surrogate pair."""
    if text.isascii() and text.isprintable():
        return text
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
