"""What is going on: calls in progress, alerts nobody has seen to, promises to call back. No numbers.

Read again at every look, by one reader at a time: a database that hangs must not tie up the threads
that answer calls.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine, Select, and_, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from hotline import logs
from hotline.storage import tables
from hotline.storage.engine import reading

log = logs.get_logger(__name__)

calls, legs, alerts = tables.calls, tables.legs, tables.alerts
callbacks, attempts = tables.callbacks, tables.callback_attempts
contacts, cases = tables.contacts, tables.cases
checkins = tables.checkins

#: How long an alert stays on the board after somebody saw to it.
SEEN_FOR = timedelta(hours=24)
#: No more of each than a page can show; how many there are in all is counted.
MOST = 50
#: After a read that failed the database is left alone for so many seconds.
PAUSE = 5.0
# Older check-ins are of shifts that are over, or nobody doubts them any more.
_LONGEST_SHIFT = timedelta(days=15)
#: How long a look waits for the first read to end.
_FIRST_READ = 5.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call in progress. `person` is being rung, or talks with the caller since `accepted_at`."""

    sid: str
    line: str | None
    kind: str | None
    language: str
    stage: str
    started_at: datetime
    ring: int | None
    person: str | None
    rang_at: datetime | None
    accepted_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """Why somebody must look at a call: `unanswered` or `abandoned`."""

    key: str
    call: str
    reason: str
    raised_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    line: str | None
    kind: str | None
    case: str | None


@dataclass(frozen=True, slots=True)
class OpenPromise:
    """A caller who was promised a call back, and the attempts since."""

    call: str
    kind: str
    requested_at: datetime
    line: str | None
    language: str | None
    case: str | None
    attempts: int
    last_at: datetime | None
    last_by: str | None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Whether whoever is on shift said so. `state`: waiting, confirmed or unconfirmed."""

    person: str
    rotation: str
    starts_at: datetime
    state: str
    tries: int
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Facts:
    """`alerts` are the unseen ones, `seen` those of the last day that somebody acknowledged."""

    calls: tuple[OpenCall, ...]
    alerts: tuple[OpenAlert, ...]
    seen: tuple[OpenAlert, ...]
    promises: tuple[OpenPromise, ...]
    check_ins: tuple[CheckIn, ...]


def read_facts(connection: Connection, now: datetime) -> Facts:
    """What is going on at `now`, the oldest first; of each kind MOST at most."""
    found = _alerts(connection, now)
    return Facts(
        _calls(connection),
        tuple(alert for alert in found if alert.acknowledged_at is None),
        tuple(alert for alert in found if alert.acknowledged_at is not None),
        _promises(connection),
        _check_ins(connection, now),
    )


def read_facts_of(engine: Engine, now: datetime) -> Facts:
    """The same, in a transaction of its own."""
    with reading(engine) as connection:
        return read_facts(connection, now)


def _calls(connection: Connection) -> tuple[OpenCall, ...]:
    latest = select(func.max(legs.c.ring)).where(legs.c.call == calls.c.sid).correlate(calls)
    ring = and_(
        legs.c.call == calls.c.sid, legs.c.ring == latest.scalar_subquery(), legs.c.ended_at.is_(None)
    )
    query = (
        select(
            calls.c.sid,
            calls.c.line,
            calls.c.kind,
            calls.c.language,
            calls.c.stage,
            calls.c.started_at,
            legs.c.ring,
            legs.c.person,
            legs.c.rang_at,
            legs.c.accepted_at,
        )
        .outerjoin(legs, ring)
        .where(calls.c.ended_at.is_(None))
        .order_by(calls.c.started_at, calls.c.sid)
        .limit(MOST)
    )
    return tuple(OpenCall(*row) for row in _rows(connection, query))


def _alerts(connection: Connection, now: datetime) -> tuple[OpenAlert, ...]:
    query = (
        _with_case(
            select(
                alerts.c.key,
                alerts.c.call,
                alerts.c.reason,
                alerts.c.raised_at,
                alerts.c.acknowledged_at,
                alerts.c.acknowledged_by,
                calls.c.line,
                calls.c.kind,
                cases.c.number,
            ).outerjoin(calls, calls.c.sid == alerts.c.call)
        )
        .where(or_(alerts.c.acknowledged_at.is_(None), alerts.c.acknowledged_at > now - SEEN_FOR))
        .order_by(alerts.c.acknowledged_at.is_not(None), alerts.c.raised_at, alerts.c.key)
        .limit(MOST)
    )
    return tuple(OpenAlert(*row) for row in _rows(connection, query))


def _promises(connection: Connection) -> tuple[OpenPromise, ...]:
    of_call = attempts.c.call == callbacks.c.call
    count = select(func.count()).where(of_call).correlate(callbacks).scalar_subquery()
    latest = select(func.max(attempts.c.id)).where(of_call).correlate(callbacks).scalar_subquery()
    last = attempts.alias()
    query = (
        _with_case(
            select(
                callbacks.c.call,
                callbacks.c.kind,
                callbacks.c.requested_at,
                calls.c.line,
                calls.c.language,
                cases.c.number,
                count,
                last.c.at,
                last.c.by,
            )
            .outerjoin(calls, calls.c.sid == callbacks.c.call)
            .outerjoin(last, last.c.id == latest)
        )
        .where(callbacks.c.state == "open")
        .order_by(callbacks.c.requested_at, callbacks.c.call)
        .limit(MOST)
    )
    return tuple(OpenPromise(*row) for row in _rows(connection, query))


def _check_ins(connection: Connection, now: datetime) -> tuple[CheckIn, ...]:
    """Those of shifts that run, who has not said so first."""
    query = (
        select(
            checkins.c.person,
            checkins.c.rotation,
            checkins.c.starts_at,
            checkins.c.state,
            checkins.c.tries,
            checkins.c.confirmed_at,
        )
        .where(checkins.c.starts_at.between(now - _LONGEST_SHIFT, now), checkins.c.state != "void")
        .where(or_(checkins.c.ends_at.is_(None), checkins.c.ends_at > now))
        .order_by(checkins.c.state.desc(), checkins.c.starts_at, checkins.c.key)
        .limit(MOST)
    )
    return tuple(CheckIn(*row) for row in _rows(connection, query))


def _rows(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    return iter(connection.execute(query))


def _with_case(query: Select[Any]) -> Select[Any]:
    return query.outerjoin(contacts, contacts.c.call == calls.c.sid).outerjoin(
        cases, cases.c.id == contacts.c.case
    )


@dataclass(frozen=True, slots=True)
class Look(Generic[T]):
    """The value as it was read at `at`; `fault` names why it could not be read again since."""

    value: T | None
    at: datetime | None
    fault: str = ""


class Latest(Generic[T]):
    """Reads a value for whoever looks, one at a time. A read that fails leaves the value before it.

    What is not older than `every` seconds is not read again.
    """

    def __init__(self, read: Callable[[datetime], T], every: float = 0.0) -> None:
        self._read = read
        self._every = every
        self._reading = threading.Lock()
        self._look: Look[T] = Look(None, None)
        self._not_before = 0.0

    def look(self, now: datetime, wait: bool = False) -> Look[T]:
        """The value of now; while somebody else is reading it, the one before, unless told to wait."""
        first = self._look.at is None and not self._look.fault
        if not self._reading.acquire(timeout=_FIRST_READ if wait or first else 0):
            return self._look
        try:
            if time.monotonic() >= self._not_before:
                self._look = self._fresh(now)
            return self._look
        finally:
            self._reading.release()

    def _fresh(self, now: datetime) -> Look[T]:
        try:
            value = self._read(now)
            self._not_before = time.monotonic() + self._every
            return Look(value, now)
        except (SQLAlchemyError, OSError) as fault:
            word = type(fault).__name__
            if not self._look.fault:
                log.error("board not read", fault=word)
            self._not_before = time.monotonic() + PAUSE
            return Look(self._look.value, self._look.at, word)


def short_id(sid: str) -> str:
    """The last six characters of a call's id: enough to talk about it."""
    return sid[-6:].upper()
