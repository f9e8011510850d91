"""A call as people and machines see it: what became of it, every ring and its reason, and no number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from hotline.storage import tables
from routing.walltime import iso_z

calls, legs, cases, contacts = tables.calls, tables.legs, tables.cases, tables.contacts


def recent_calls(connection: Connection, limit: int) -> list[dict[str, Any]]:
    """The latest calls, the newest first, each as `call_overview` gives it."""
    query = select(calls).order_by(calls.c.started_at.desc(), calls.c.sid).limit(limit)
    return [_overview(connection, row) for row in connection.execute(query).mappings()]


def call_overview(connection: Connection, sid: str) -> dict[str, Any] | None:
    """One call as the contract writes it, its instants as ISO 8601 with Z; None when there is none."""
    row = call_row(connection, sid)
    return None if row is None else _overview(connection, row)


def call_row(connection: Connection, sid: str) -> RowMapping | None:
    return connection.execute(select(calls).where(calls.c.sid == sid)).mappings().first()


def suggested_case(connection: Connection, sid: str) -> str | None:
    """The number of an open case of the same caller, for a person to decide about."""
    found: str | None = connection.execute(
        select(cases.c.number)
        .join(contacts, contacts.c.suggested_case == cases.c.id)
        .where(contacts.c.call == sid)
    ).scalar()
    return found


def _overview(connection: Connection, row: RowMapping) -> dict[str, Any]:
    return {
        "sid": row["sid"],
        "line": row["line"],
        "started": _iso(row["started_at"]),
        "ended": _iso(row["ended_at"]),
        "open": row["ended_at"] is None,
        "language": row["language"] or None,
        "kind": row["kind"],
        "outcome": row["outcome"],
        "waited_seconds": row["waited_seconds"],
        "talked_seconds": row["talked_seconds"],
        "legs": _legs(connection, row["sid"]),
        "case": _case(connection, row["sid"]),
        "roster_version": row["roster_version"],
    }


def _legs(connection: Connection, sid: str) -> list[dict[str, Any]]:
    found = connection.execute(select(legs).where(legs.c.call == sid).order_by(legs.c.ring)).mappings()
    return [
        {
            "person": leg["person"],
            "outcome": leg["outcome"],
            "rang_at": _iso(leg["rang_at"]),
            "why": leg["why"],
        }
        for leg in found
    ]


def _case(connection: Connection, sid: str) -> str | None:
    found: str | None = connection.execute(
        select(cases.c.number).join(contacts, contacts.c.case == cases.c.id).where(contacts.c.call == sid)
    ).scalar()
    return found


def _iso(at: datetime | None) -> str | None:
    return None if at is None else iso_z(int(at.timestamp()))
