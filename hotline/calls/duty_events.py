"""What advisors pressed at a check-in or a phone check, from the journal into the database.

The webhook only journals it; the recorder brings it here, in whichever order and however often.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, update

from hotline import metrics
from hotline.events import Event
from hotline.storage import tables
from hotline.storage.writing import upsert

CHECKED_IN: Final = "checked in"
PHONE_CONFIRMED: Final = "phone confirmed"

_KINDS = frozenset({CHECKED_IN, PHONE_CONFIRMED})


def is_duty_event(event: Event) -> bool:
    """True for what belongs to no caller's call."""
    return event.kind in _KINDS


def note_duty_events(connection: Connection, events: Iterable[Event]) -> None:
    """Writes who checked in and which numbers are confirmed; what is known already changes nothing."""
    for event in events:
        if event.kind == CHECKED_IN:
            _note_checkin(connection, event)
        elif event.kind == PHONE_CONFIRMED:
            _note_phone(connection, event)


def _note_checkin(connection: Connection, event: Event) -> None:
    checkins = tables.checkins
    noted = connection.execute(
        update(checkins)
        .where(checkins.c.key == event.data["checkin"], checkins.c.confirmed_at.is_(None))
        .values(state="confirmed", confirmed_at=event.at)
    )
    if noted.rowcount:
        metrics.checkins.labels("confirmed").inc()
    if noted.rowcount and event.data["phone"]:
        phone = {"person": event.data["person"], "fingerprint": event.data["phone"], "tested_at": event.at}
        upsert(connection, tables.phone_checks, [phone])


def _note_phone(connection: Connection, event: Event) -> None:
    checks = tables.phone_checks
    connection.execute(
        update(checks)
        .where(checks.c.token == event.data["token"])
        .values(verified_at=event.at, tested_at=event.at, token=None)
    )
