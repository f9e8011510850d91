"""Alerts: a crisis nobody took, and a caller who left while we were ringing.

Each is raised once per call and goes as a text message to everybody on the ladder at that moment.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from hotline import logs, metrics
from hotline.calls.record import CallRecord
from hotline.storage import tables
from hotline.storage.outgoing import Outgoing, queue
from hotline.storage.writing import insert_once
from routing.hours import opening_at
from routing.ladder import ladder
from routing.roster import Roster

log = logs.get_logger(__name__)

#: Nobody is woken about what happened longer ago than this: the record says it, and people look there.
STALE = timedelta(hours=6)


def raise_alerts(connection: Connection, record: CallRecord, case: str, roster: Roster | None) -> None:
    """Raises what the record calls for; what was raised before stays as it is."""
    if record.unanswered_at is not None:
        _raise(connection, record, case, "unanswered", record.unanswered_at, roster)
    if record.abandoned_at is not None:
        _raise(connection, record, case, "abandoned", record.abandoned_at, roster)


def _raise(
    connection: Connection, record: CallRecord, case: str, reason: str, at: datetime, roster: Roster | None
) -> None:
    key = f"{record.sid}/{reason}"
    if not insert_once(
        connection, tables.alerts, [{"key": key, "call": record.sid, "reason": reason, "raised_at": at}]
    ):
        return
    metrics.alerts.labels(reason).inc()
    log.critical("alert", alert=reason, call=record.sid, case=case)
    # A line that was renamed meanwhile: the first one's people are told rather than nobody.
    line = (
        (roster.lines.get(record.line or "") or next(iter(roster.lines.values()), None)) if roster else None
    )
    if roster is None or line is None or datetime.now(UTC) - at > STALE:
        return
    instant = int(at.timestamp())
    people = dict.fromkeys(
        rung.person for rung in ladder(roster, opening_at(roster, line.id, instant).policy, instant)
    )
    details = {"case": case, "at": at.astimezone(UTC).isoformat()}
    now = datetime.now(UTC)
    queue(
        connection,
        [
            Outgoing(f"{key}/{person}", "text", line.id, reason, details, now, person=person, urgent=True)
            for person in people
        ],
    )
