"""The few statements that both databases spell alike but SQLAlchemy does not: once, upsert, lock, count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from hotline.storage import tables

Row = Mapping[str, Any]


def insert_once(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Inserts the rows whose primary key is not there yet; how many those were."""
    inserted = 0
    for row in rows:
        statement = _insert(connection, table).values(**row).on_conflict_do_nothing()
        # Counted by what comes back: of an insert not every driver keeps how many rows it was.
        inserted += len(connection.execute(statement.returning(*table.primary_key.columns)).all())
    return inserted


def upsert(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Inserts the rows; where the primary key is there, the row's other columns become these."""
    keys = [column.name for column in table.primary_key.columns]
    for row in rows:
        statement = _insert(connection, table).values(**row)
        changed = {name: statement.excluded[name] for name in row if name not in keys}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))


def lock_calls(connection: Connection, calls: Sequence[str]) -> None:
    """Until the transaction ends nobody else rebuilds these calls. Sorted, so that nobody waits in a ring.

    SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        for call in calls:
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(call, 0))))


def next_in_year(connection: Connection, year: int) -> int:
    """The next number of the year's sequence; given back if the transaction fails."""
    table = tables.case_sequences
    statement = _insert(connection, table).values(year=year, last=1)
    statement = statement.on_conflict_do_update(index_elements=["year"], set_={"last": table.c.last + 1})
    number: int = connection.execute(statement.returning(table.c.last)).scalar_one()
    return number


def _insert(connection: Connection, table: Table) -> Any:
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
