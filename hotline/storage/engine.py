"""The one way to open the database, so that SQLite and PostgreSQL keep the same promises."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url

_BUSY_SECONDS = 3.0
_POOL_SECONDS = 5.0
_POSTGRESQL_OPTIONS = (
    "-c statement_timeout=5s -c lock_timeout=3s -c idle_in_transaction_session_timeout=30s -c timezone=UTC"
)


def make_engine(url: str) -> Engine:
    """An engine for a `sqlite:///` or `postgresql://` address. Connects to nothing yet.

    A database that is away costs a few seconds at most, then raises sqlalchemy.exc.OperationalError.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    return _postgresql(address)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads: on SQLite it waits for no writer and no writer waits for it."""
    with engine.connect().execution_options(reads_only=True, postgresql_readonly=True) as connection:
        yield connection


def _sqlite(address: URL) -> Engine:
    if address.database:
        with suppress(OSError):
            Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    # The driver must begin no transactions of its own: it would begin them too late (see `begin`).
    engine = create_engine(
        address, connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None}, pool_timeout=_POOL_SECONDS
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        _use_wal(connection)
        for pragma in ("synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A transaction that reads first and writes later loses updates or fails as "locked": it takes the
        # write lock at once, and waits for it as long as the busy timeout says.
        reads_only = connection.get_execution_options().get("reads_only", False)
        connection.exec_driver_sql(f"PRAGMA query_only = {int(reads_only)}")
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    return engine


def _use_wal(connection: sqlite3.Connection) -> None:
    """SQLite itself does not wait when another process does the same to a new file in this moment."""
    give_up_at = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
        time.sleep(0.01)


def _postgresql(address: URL) -> Engine:
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        connect_args={
            "connect_timeout": 2,
            "options": _POSTGRESQL_OPTIONS,
            # A host that fell silent is given up after so many milliseconds, not the kernel's quarter hour.
            "tcp_user_timeout": 5000,
            "keepalives_idle": 10,
        },
        pool_pre_ping=True,
        pool_timeout=_POOL_SECONDS,
    )
