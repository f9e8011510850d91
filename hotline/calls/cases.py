"""Opens a case for every call, with a number people can read out.

A repeat caller's open case is suggested, never joined: only a person can tell.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, insert, select

from hotline.calls.record import CallRecord
from hotline.storage import tables
from hotline.storage.writing import next_in_year
from routing.roster import Roster

# Each is built once: that takes longer than to execute it.
_NEW_CASE = insert(tables.cases).returning(tables.cases.c.id)
_NEW_CONTACT = insert(tables.contacts)
_OPEN_CASE_OF = (
    select(tables.cases.c.id)
    .join(tables.contacts, tables.contacts.c.case == tables.cases.c.id)
    .join(tables.calls, tables.calls.c.sid == tables.contacts.c.call)
    .where(
        tables.calls.c.caller_fingerprint.in_(bindparam("fingerprints", expanding=True)),
        tables.cases.c.status == "open",
        tables.calls.c.sid != bindparam("call"),
    )
    .order_by(tables.cases.c.opened_at.desc(), tables.cases.c.id.desc())
    .limit(1)
)


def open_case(
    connection: Connection, record: CallRecord, fingerprints: tuple[str, ...], roster: Roster | None
) -> str:
    """Opens a contact and a case for a call that has none yet; the case's number.

    `fingerprints` are the caller's under every key; empty for a withheld number, which is nobody's.
    """
    year = _local_year(record.started_at, roster)
    sequence = next_in_year(connection, year)
    number = f"{year}-{sequence:04d}"
    suggested = _open_case_of(connection, fingerprints, record.sid)
    opened = {
        "year": year,
        "sequence": sequence,
        "number": number,
        "opened_at": record.started_at,
        "status": "open",
    }
    case = connection.execute(_NEW_CASE, opened).scalar_one()
    contact = {
        "call": record.sid,
        "case": case,
        "suggested_case": suggested,
        "created_at": datetime.now(UTC),
    }
    connection.execute(_NEW_CONTACT, contact)
    return number


def _open_case_of(connection: Connection, fingerprints: tuple[str, ...], call: str) -> int | None:
    if not fingerprints:
        return None
    found: int | None = connection.execute(
        _OPEN_CASE_OF, {"fingerprints": fingerprints, "call": call}
    ).scalar_one_or_none()
    return found


def _local_year(at: datetime, roster: Roster | None) -> int:
    """The year on the wall, so that a case of New Year's night counts where people expect it."""
    if roster is None:
        return at.year
    return datetime.fromtimestamp(roster.zone.wall(int(at.timestamp())), UTC).year
