"""Writes what was journalled into the main database: events, and the records that follow from them.

Each call's record is rebuilt from all of its events, so that order, repeats and delay make no difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, select

from hotline import logs, metrics
from hotline.calls.alerts import raise_alerts
from hotline.calls.answering import event_place
from hotline.calls.cases import open_case
from hotline.calls.duty_events import is_duty_event, note_duty_events
from hotline.calls.record import CallbackWanted, CallRecord, LegRecord, call_record
from hotline.events import Event
from hotline.privacy import Unreadable, Vault
from hotline.storage import tables
from hotline.storage.writing import insert_once, lock_calls, upsert
from routing.roster import Roster

log = logs.get_logger(__name__)

_IN_A_LIST = 30


@dataclass(frozen=True)
class Logbook:
    """The records in the main database. `roster` tells who an alert goes to and in which zone a year ends."""

    engine: Engine
    vault: Vault
    roster: Callable[[], Roster | None]

    def record(self, events: Sequence[Event]) -> None:
        """Adds the events and rebuilds the calls they belong to, in one transaction.

        Known keys change nothing.
        """
        with self.engine.begin() as connection:
            calls = sorted({event.call for event in events if not is_duty_event(event)})
            lock_calls(connection, calls)
            now = datetime.now(UTC)
            insert_once(connection, tables.events, [_event_row(event, now) for event in events])
            self._rebuild_safely(connection, calls)
            note_duty_events(connection, events)

    def rebuild(self, calls: Iterable[str]) -> None:
        """Builds the records of these calls anew from their events."""
        for call in calls:
            with self.engine.begin() as connection:
                lock_calls(connection, [call])
                self._rebuild(connection, [call])

    def _rebuild_safely(self, connection: Connection, calls: Sequence[str]) -> None:
        """A call whose record cannot be built keeps its events, and holds up no other."""
        try:
            with connection.begin_nested():
                self._rebuild(connection, calls)
        except (ArithmeticError, LookupError, TypeError, ValueError):
            if len(calls) > 1:
                for call in calls:
                    self._rebuild_safely(connection, [call])
                return
            metrics.recording_failed.labels("record").inc()
            log.exception("call not rebuilt", call=calls[0])

    def _rebuild(self, connection: Connection, calls: Sequence[str]) -> None:
        """All of the calls at once: a statement for each of them would cost many times as much."""
        told = _told(connection, calls)
        found = [record for call in calls if (record := call_record(told[call])) is not None]
        # Cases are numbered as the calls came, and a later call is suggested the case of an earlier one.
        records = sorted(found, key=lambda record: (record.started_at, record.sid))
        for call in set(calls).difference(record.sid for record in records):
            metrics.orphans.inc()
            log.warning("callback for unknown call", call=call)
        tokens = {event.key: event.personal for events in told.values() for event in events if event.personal}
        callers = {record.sid: self._number(record.caller_event, tokens) for record in records}
        upsert(connection, tables.calls, [self._call_row(record, callers[record.sid]) for record in records])
        legs = [_leg_row(record.sid, leg) for record in records for leg in record.legs]
        upsert(connection, tables.legs, legs)
        # Once only: what became of the promise is written by people.
        promised = [(record.sid, record.callback) for record in records if record.callback is not None]
        callbacks = [self._callback_row(call, callback, tokens) for call, callback in promised]
        insert_once(connection, tables.callbacks, callbacks)
        roster = self.roster()
        known = _cases_of(connection, [record.sid for record in records])
        for record in records:
            case = known.get(record.sid)
            if case is None:
                caller = callers[record.sid]
                fingerprints = self.vault.fingerprints(caller) if caller else ()
                case = open_case(connection, record, fingerprints, roster)
            raise_alerts(connection, record, case, roster)

    def _call_row(self, record: CallRecord, caller: str | None) -> dict[str, object]:
        return {
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

    def _callback_row(
        self, call: str, callback: CallbackWanted, tokens: Mapping[str, str]
    ) -> dict[str, object]:
        number = self._number(callback.number_event, tokens)
        return {
            "call": call,
            "kind": callback.kind,
            "number": self.vault.seal(number, f"callbacks.number.{call}") if number else "",
            "fingerprint": self.vault.fingerprint(number) if number else "",
            "requested_at": callback.requested_at,
            "safe": True,
            "state": "open",
        }

    def _number(self, event_key: str | None, tokens: Mapping[str, str]) -> str | None:
        token = tokens.get(event_key or "")
        if not token or not event_key:
            return None
        try:
            return self.vault.unseal(token, event_place(event_key))
        except Unreadable:
            log.error("number unreadable")
            return None


def _told(connection: Connection, calls: Sequence[str]) -> Mapping[str, list[Event]]:
    """Every event of the calls, by call; in no order that matters."""
    told: dict[str, list[Event]] = {call: [] for call in calls}
    table = tables.events.c
    query = select(table.key, table.call, table.kind, table.at, table.data, table.personal)
    for part in _parts(calls):
        for row in connection.execute(query.where(table.call.in_(part))):
            told[row.call].append(Event(*row))
    return told


def _cases_of(connection: Connection, calls: Sequence[str]) -> dict[str, str]:
    """The numbers of the cases that were opened before, by call."""
    contacts, cases = tables.contacts.c, tables.cases.c
    query = select(contacts.call, cases.number).where(contacts.case == cases.id)
    return {
        row.call: row.number
        for part in _parts(calls)
        for row in connection.execute(query.where(contacts.call.in_(part)))
    }


def _parts(calls: Sequence[str]) -> Iterator[Sequence[str]]:
    """Few at a time: the driver keeps what it prepared for every length of such a list, by the megabyte."""
    for start in range(0, len(calls), _IN_A_LIST):
        yield calls[start : start + _IN_A_LIST]


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
