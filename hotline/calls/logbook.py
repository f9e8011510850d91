"""Writes what was journalled into the main database: events, and the records that follow from them.

Each call's record is rebuilt from all of its events, so that order, repeats and delay make no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, select

from hotline import logs, metrics
from hotline.calls.alerts import raise_alerts
from hotline.calls.answering import event_place
from hotline.calls.cases import open_case
from hotline.calls.record import CallRecord, LegRecord, call_record
from hotline.events import Event
from hotline.privacy import Unreadable, Vault
from hotline.storage import tables
from hotline.storage.writing import insert_once, lock_calls, upsert
from routing.roster import Roster

log = logs.get_logger(__name__)


@dataclass(frozen=True)
class Logbook:
    """The records in the main database. `roster` tells who an alert goes to and in which zone a year ends."""

    engine: Engine
    vault: Vault
    roster: Callable[[], Roster | None]

    def record(self, events: Sequence[Event]) -> None:
        """Adds the events and rebuilds their calls, in one transaction. Known keys change nothing."""
        with self.engine.begin() as connection:
            calls = sorted({event.call for event in events})
            lock_calls(connection, calls)
            now = datetime.now(UTC)
            insert_once(connection, tables.events, [_event_row(event, now) for event in events])
            for call in calls:
                self._rebuild_safely(connection, call)

    def rebuild(self, calls: Iterable[str]) -> None:
        """Builds the records of these calls anew from their events."""
        for call in calls:
            with self.engine.begin() as connection:
                lock_calls(connection, [call])
                self._rebuild(connection, call)

    def _rebuild_safely(self, connection: Connection, call: str) -> None:
        """A call whose record cannot be built keeps its events, and holds up no other."""
        try:
            with connection.begin_nested():
                self._rebuild(connection, call)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            metrics.recording_failed.labels("record").inc()
            log.exception("call not rebuilt", call=call)

    def _rebuild(self, connection: Connection, call: str) -> None:
        events = events_of(connection, call)
        record = call_record(events)
        if record is None:
            metrics.orphans.inc()
            log.warning("callback for unknown call", call=call)
            return
        tokens = {event.key: event.personal for event in events if event.personal}
        self._write_call(connection, record, tokens)
        upsert(connection, tables.legs, [_leg_row(call, leg) for leg in record.legs])
        self._write_callback(connection, record, tokens)
        roster = self.roster()
        case = open_case(connection, record, self._fingerprints(record, tokens), roster)
        raise_alerts(connection, record, case, roster)

    def _write_call(self, connection: Connection, record: CallRecord, tokens: dict[str, str]) -> None:
        caller = self._number(record.caller_event, tokens)
        row = {
            "sid": record.sid,
            "line": record.line,
            "kind": record.kind,
            "language": record.language,
            "stage": record.stage,
            "started_at": record.started_at,
            "ended_at": record.ended_at,
            "outcome": record.outcome,
            "waited_seconds": record.waited_seconds,
            "talked_seconds": record.talked_seconds,
            "withheld": record.withheld,
            "caller": self.vault.seal(caller, f"calls.caller.{record.sid}") if caller else "",
            "caller_fingerprint": self.vault.fingerprint(caller) if caller else None,
            "roster_version": record.roster_version,
        }
        upsert(connection, tables.calls, [row])

    def _write_callback(self, connection: Connection, record: CallRecord, tokens: dict[str, str]) -> None:
        if record.callback is None:
            return
        number = self._number(record.callback.number_event, tokens)
        row = {
            "call": record.sid,
            "kind": record.callback.kind,
            "number": self.vault.seal(number, f"callbacks.number.{record.sid}") if number else "",
            "fingerprint": self.vault.fingerprint(number) if number else "",
            "requested_at": record.callback.requested_at,
            "safe": True,
            "state": "open",
        }
        # Once only: what became of the promise is written by people.
        insert_once(connection, tables.callbacks, [row])

    def _fingerprints(self, record: CallRecord, tokens: dict[str, str]) -> tuple[str, ...]:
        caller = self._number(record.caller_event, tokens)
        return self.vault.fingerprints(caller) if caller else ()

    def _number(self, event_key: str | None, tokens: dict[str, str]) -> str | None:
        token = tokens.get(event_key or "")
        if not token or not event_key:
            return None
        try:
            return self.vault.unseal(token, event_place(event_key))
        except Unreadable:
            log.error("number unreadable")
            return None


def events_of(connection: Connection, call: str) -> list[Event]:
    """Every event of the call, in no order that matters."""
    rows = connection.execute(select(tables.events).where(tables.events.c.call == call)).mappings()
    return [
        Event(row["key"], row["call"], row["kind"], row["at"], row["data"], row["personal"]) for row in rows
    ]


def _event_row(event: Event, now: datetime) -> dict[str, object]:
    return {
        "key": event.key,
        "call": event.call,
        "kind": event.kind,
        "at": event.at,
        "data": dict(event.data),
        "personal": event.personal,
        "recorded_at": now,
    }


def _leg_row(call: str, leg: LegRecord) -> dict[str, object]:
    return {
        "call": call,
        "ring": leg.ring,
        "person": leg.person,
        "sid": leg.sid,
        "policy": leg.policy,
        "round": leg.round,
        "step": leg.step,
        "outcome": leg.outcome,
        "why": leg.why,
        "rang_at": leg.rang_at,
        "answered_at": leg.answered_at,
        "accepted_at": leg.accepted_at,
        "ended_at": leg.ended_at,
        "talked_seconds": leg.talked_seconds,
    }
