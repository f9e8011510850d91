"""Rings advisors when their shift begins: "press 1". Who does not after two tries is told to a coordinator.

A check-in is a row, moved on by whichever process is first; the 1 itself comes by way of the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, RowMapping, select, update

from hotline import logs, metrics
from hotline.calls.duty_answering import checkin_key, confirmed_key
from hotline.jobs.notices import Message, Notices, coordinators_at, line_of, rotations_of
from hotline.journal import Journal
from hotline.storage import tables
from hotline.storage.engine import reading
from hotline.storage.outgoing import Outgoing, queue
from hotline.storage.writing import insert_once
from hotline.telephony.duty_script import CHECKIN, DutyCall, DutyScript
from routing.duty import duty_at
from routing.reminding import OnDuty, on_duty_between
from routing.roster import Roster
from routing.walltime import HOUR, WEEK, iso_z

log = logs.get_logger(__name__)

MOST_TRIES: Final = 2
#: From the first ring to the second.
BETWEEN_TRIES: Final = timedelta(minutes=5)
#: From the last ring until the coordinator is told: it may still ring, and be listened to twice.
PATIENCE: Final = timedelta(minutes=2)
#: While somebody is in a call their phone is left alone, and looked at again so often.
_CALL_LASTS = timedelta(minutes=1)
#: A shift that began longer ago than this, while we were away, is not rung about any more.
_TOO_LATE = 2 * HOUR


def watched_rotations(roster: Roster) -> tuple[str, ...]:
    """The rotations whose shifts begin with a check-in: those a crisis may ring while a line is closed."""
    found = (rotation for line in roster.lines.values() for rotation in rotations_of(roster, line.closed))
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Checkins:
    engine: Engine
    notices: Notices
    journal: Journal
    script: DutyScript
    roster: Callable[[], Roster | None]
    rotations: Callable[[Roster], tuple[str, ...]] = watched_rotations

    def check(self, now: datetime) -> None:
        """Begins the check-ins that are due, and moves on those under way. Raises SQLAlchemyError."""
        roster = self.roster()
        if roster is None or not roster.lines:
            return
        self._begin(roster, now)
        for row in self._waiting(now):
            self._move_on(row, roster, now)

    def _begin(self, roster: Roster, now: datetime) -> None:
        rows = {row["key"]: row for row in self._due(roster, int(now.timestamp()))}
        if not rows:
            return
        checkins = tables.checkins
        with reading(self.engine) as connection:
            known = set(connection.execute(select(checkins.c.key).where(checkins.c.key.in_(rows))).scalars())
        if new := [row for key, row in rows.items() if key not in known]:
            with self.engine.begin() as connection:
                insert_once(connection, checkins, new)

    def _due(self, roster: Roster, at: int) -> Iterator[dict[str, Any]]:
        for rotation in self.rotations(roster):
            for duty in on_duty_between(roster, rotation, at - _TOO_LATE, at + WEEK):
                if duty.start is not None and duty.start <= at and (duty.end is None or at < duty.end):
                    yield _row(duty, duty.start, line_of(roster, rotation))

    def _waiting(self, now: datetime) -> list[RowMapping]:
        checkins = tables.checkins.c
        query = select(tables.checkins).where(checkins.state == "waiting", checkins.next_at <= now)
        with reading(self.engine) as connection:
            return list(connection.execute(query.order_by(checkins.next_at, checkins.key)).mappings())

    def _move_on(self, row: RowMapping, roster: Roster, now: datetime) -> None:
        with self.engine.begin() as connection:
            if not _still_stands(row, roster, now):
                _change(connection, row, state="void")
            elif self.journal.holds(confirmed_key(row["key"])):
                # Pressed, and on its way into the database, which may have been away.
                _change(connection, row, next_at=now + _CALL_LASTS)
            elif is_in_call(connection, row["person"]):
                _change(connection, row, next_at=now + _CALL_LASTS)
            elif row["tries"] >= MOST_TRIES:
                self._tell(connection, row, roster, now)
            else:
                self._ring(connection, row, now)

    def _ring(self, connection: Connection, row: RowMapping, now: datetime) -> None:
        tries = row["tries"] + 1
        next_at = now + (BETWEEN_TRIES if tries < MOST_TRIES else PATIENCE)
        if not _change(connection, row, tries=tries, next_at=next_at):
            return
        metrics.checkins.labels("rung").inc()
        call = DutyCall(row["line"], row["person"], str(int(row["starts_at"].timestamp())))
        ring = Outgoing(
            key=f"checkin/{row['key']}/{tries}",
            kind="call",
            line=row["line"],
            template=CHECKIN,
            details={"query": self.script.query(call)},
            due_at=now,
            person=row["person"],
            expires_at=next_at,
        )
        queue(connection, [ring])

    def _tell(self, connection: Connection, row: RowMapping, roster: Roster, now: datetime) -> None:
        if not _change(connection, row, state="unconfirmed"):
            return
        metrics.checkins.labels("unconfirmed").inc()
        metrics.alerts.labels("not checked in").inc()
        log.critical("alert", alert="not checked in", line=row["line"])
        key = f"checkin/{row['key']}/unconfirmed"
        alert = {"key": key, "call": "", "reason": "not checked in", "raised_at": now}
        insert_once(connection, tables.alerts, [alert])
        line = row["line"] if row["line"] in roster.lines else line_of(roster, row["rotation"])
        started = iso_z(int(row["starts_at"].timestamp()))
        message = Message(key, line, "not_checked_in", {"at": started}, now, urgent=True)
        whom = coordinators_at(connection, roster, line, int(now.timestamp()), besides={row["person"]})
        queue(connection, self.notices.to_coordinators(message, whom))


def is_in_call(connection: Connection, person: str) -> bool:
    """Whether the person has accepted a caller and the two are still connected, for all the logbook knows."""
    legs = tables.legs.c
    query = select(legs.call).where(
        legs.person == person, legs.accepted_at.is_not(None), legs.ended_at.is_(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def _still_stands(row: RowMapping, roster: Roster, now: datetime) -> bool:
    rotation: str = row["rotation"]
    person: str = row["person"]
    if rotation not in roster.rotations or person not in roster.people:
        return False
    return duty_at(roster, rotation, int(now.timestamp())).person == person


def _change(connection: Connection, row: RowMapping, **values: object) -> bool:
    """Moves the row on; False when another process was first, or a 1 was pressed meanwhile."""
    checkins = tables.checkins
    as_it_was = (
        checkins.c.key == row["key"],
        checkins.c.state == "waiting",
        checkins.c.tries == row["tries"],
        checkins.c.next_at == row["next_at"],
    )
    changed: int = connection.execute(update(checkins).where(*as_it_was).values(**values)).rowcount
    return changed == 1


def _row(duty: OnDuty, start: int, line: str) -> dict[str, Any]:
    starts_at = datetime.fromtimestamp(start, UTC)
    return {
        "key": checkin_key(duty.person, start),
        "person": duty.person,
        "rotation": duty.rotation,
        "line": line,
        "starts_at": starts_at,
        "ends_at": None if duty.end is None else datetime.fromtimestamp(duty.end, UTC),
        "state": "waiting",
        "tries": 0,
        "next_at": starts_at,
    }
