"""The journal's file: opened, checked, written in one transaction, set aside when it is damaged.

One thread of a process uses it; several processes may share it. When to try again is `journal`'s business.
"""

from __future__ import annotations

import errno
import itertools
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path
from typing import Any

from hotline.logs import get_logger

Row = tuple[str, str, str, str, str, str, float]

COLUMNS = "key, call, kind, at, data, personal, kept_at"
_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, call TEXT NOT NULL,
        kind TEXT NOT NULL, at TEXT NOT NULL, data TEXT NOT NULL, personal TEXT NOT NULL,
        kept_at REAL NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS recorded (one INTEGER PRIMARY KEY CHECK (one = 1), upto INTEGER NOT NULL)",
    "INSERT OR IGNORE INTO recorded VALUES (1, 0)",
)
# The first rows only, so that one call never pays for a long clean-up.
_PURGE = """DELETE FROM events WHERE seq IN (
    SELECT seq FROM (SELECT seq, kept_at FROM events ORDER BY seq LIMIT 500)
    WHERE kept_at < ? AND seq <= (SELECT upto FROM recorded))"""
_BUSY_SECONDS = 0.2
_AT_ONCE = 50
_SYSTEM_FAULTS = {errno.ENOSPC: "full", errno.EDQUOT: "full", errno.EFBIG: "full", errno.EROFS: "read-only"}
_FAULTS = {
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_CANTOPEN: "absent",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
}
log = get_logger(__name__)


class JournalFile:
    """An open journal. Raises sqlite3.Error and OSError; `fault_of` gives them a name."""

    def __init__(self, path: Path, damaged: bool = False) -> None:
        """Opens it, making what is missing.

        One that is found or known to be damaged is set aside, and what it still tells is taken over.
        """
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path):
            try:
                self._connection = _open(path, damaged)
            except sqlite3.DatabaseError as error:
                if fault_of(error) != "damaged":
                    raise
                aside = _set_aside(path)
                self._connection = _open(path)
                with suppress(sqlite3.DatabaseError):
                    self.write(_readable_rows(aside))
            self._identity = _identity(path)

    def write(self, rows: Sequence[Row], upto: int = 0, purge_before: float | None = None) -> None:
        """Puts the rows on disk, in order, those with a known key left out. All or nothing.

        `upto` is the number of the last event that was recorded elsewhere; recorded ones older than
        `purge_before` are removed.
        """
        connection = self._connection
        if 0 < len(rows) <= _AT_ONCE and not upto and purge_before is None:
            # One statement is a transaction of its own, and gives up the interpreter once, not for every row.
            connection.execute(_insert(len(rows)), tuple(itertools.chain.from_iterable(rows)))
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(_insert(1), rows)
            if upto:
                connection.execute("UPDATE recorded SET upto = max(upto, ?)", (upto,))
            if purge_before is not None:
                connection.execute(_PURGE, (purge_before,))
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def is_in_place(self) -> bool:
        """False when the file was removed or replaced under us: what was written last may be nowhere."""
        return _is_at(self._path, self._identity)

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._connection.close()


class Reader:
    """A look into the journal by any process; its threads take turns. Raises as above."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity = _identity(path)
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )

    def query(self, statement: str, arguments: tuple[object, ...]) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, arguments).fetchall()

    def is_in_place(self) -> bool:
        return _is_at(self._path, self._identity)

    def close(self) -> None:
        self._connection.close()


_ROW_FAULTS = frozenset(
    {sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_RANGE}
)


def fault_of(error: Exception) -> str:
    """A word for what stands in the way; "refused" when it is the row's own fault: no use to try again."""
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_IOERR:
            return "unwritable"
        return _FAULTS.get(code, "refused" if code in _ROW_FAULTS else "unwritable")
    if isinstance(error, OSError):
        return _SYSTEM_FAULTS.get(error.errno or 0, "unwritable")
    # Whatever may pass keeps the event: only what could never be stored is given up.
    return "refused" if isinstance(error, (ValueError, TypeError, OverflowError)) else "unwritable"


@cache
def _insert(rows: int) -> str:
    values = ", ".join(["(?, ?, ?, ?, ?, ?, ?)"] * rows)
    return f"INSERT INTO events ({COLUMNS}) VALUES {values} ON CONFLICT (key) DO NOTHING"


def _open(path: Path, damaged: bool = False) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # NORMAL would lose the last events when the power fails.
        connection.execute("PRAGMA synchronous = FULL")
        if damaged or connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            error = sqlite3.DatabaseError()
            error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise error
        connection.execute("BEGIN IMMEDIATE")
        for statement in _SCHEMA:
            connection.execute(statement)
        # Numbers begin at the clock's microseconds: those of a new file are higher than any of one set
        # aside, so a place in the old file never hides or forgets events of the new one.
        if connection.execute("SELECT count(*) FROM sqlite_sequence").fetchone() == (0,):
            start = int(datetime.now(UTC).timestamp() * 1_000_000)
            connection.execute("INSERT INTO sqlite_sequence VALUES ('events', ?)", (start,))
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _identity(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino


def _is_at(path: Path, identity: tuple[int, int]) -> bool:
    try:
        return _identity(path) == identity
    except OSError:
        return False


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    # A process that opens while another renames could lay the old write-ahead log over the new file.
    with open(f"{path}.lock", "w") as lock:
        flock(lock, LOCK_EX)
        yield


def _set_aside(path: Path) -> Path:
    places = (path.with_name(f"{path.name}.damaged-{number}") for number in itertools.count(1))
    aside = next(place for place in places if not place.exists())
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            os.rename(f"{path}{suffix}", f"{aside}{suffix}")
    log.critical("the journal was damaged; it is set aside and a new one begun", file=aside.name)
    return aside


def _readable_rows(aside: Path) -> list[Row]:
    rows: list[Row] = []
    connection = sqlite3.connect(aside, isolation_level=None)
    try:
        # From both ends: a damaged page hides what lies behind it from one side only.
        for order in ("ASC", "DESC"):
            with suppress(sqlite3.DatabaseError):
                rows.extend(connection.execute(f"SELECT {COLUMNS} FROM events ORDER BY seq {order}"))
    finally:
        connection.close()
    log.warning("events were taken over from the damaged journal", count=len(rows))
    return rows
