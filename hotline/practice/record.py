"""What was journalled and recorded of a practice call, also while the database is away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from hotline.calls.overview import call_overview, suggested_case
from hotline.events import Event
from hotline.services import Services
from hotline.storage import tables
from hotline.storage.engine import reading

_MOST_EVENTS = 5_000


@dataclass(frozen=True, slots=True)
class Told:
    """`overview` is the call as the contract writes it, None while that cannot be read."""

    events: tuple[Event, ...]
    overview: dict[str, Any] | None
    suggested_case: str | None


def told_of(hotline: Services, sid: str) -> Told:
    """Everything known of the call: what is recorded, and what waits in the journal for it."""
    waiting = [event for _, event in hotline.journal.read(0, _MOST_EVENTS) if event.call == sid]
    try:
        with reading(hotline.engine) as connection:
            return _recorded(connection, sid, waiting)
    except SQLAlchemyError:
        return Told(tuple(waiting), None, None)


def _recorded(connection: Connection, sid: str, waiting: list[Event]) -> Told:
    rows = connection.execute(select(tables.events).where(tables.events.c.call == sid)).mappings()
    recorded = [Event(row["key"], sid, row["kind"], row["at"], row["data"]) for row in rows]
    events = {event.key: event for event in (*recorded, *waiting)}
    return Told(tuple(events.values()), call_overview(connection, sid), suggested_case(connection, sid))
