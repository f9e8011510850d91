"""How often a password or code may be guessed: counted in the database before anything costly is done.

Delays grow and pass: nobody is ever locked out for good, and all processes count together.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, Engine, delete, select, update

from hotline.storage import tables
from hotline.storage.engine import reading
from hotline.storage.writing import insert_once

Kind = Literal["account", "device", "source", "code"]

#: So many attempts are free; each one after that makes the next wait, twice as long as the last.
FREE: dict[Kind, int] = {"account": 5, "device": 5, "code": 5, "source": 30}
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(minutes=15)
#: After so long without an attempt it begins anew.
QUIET = timedelta(hours=1)

_table = tables.login_attempts


@dataclass(frozen=True, slots=True)
class Subject:
    """What attempts are counted for: an address, a known browser, a source, an account's codes."""

    kind: Kind
    name: str


class _Blocked(Exception):
    pass


class Throttle:
    """Attempts by subject. `secret` keeps what people type as addresses from being read in the table."""

    def __init__(self, engine: Engine, secret: str) -> None:
        self._engine = engine
        self._secret = secret.encode()

    def claim(self, subjects: Sequence[Subject], now: datetime) -> int:
        """Takes one attempt of each subject, or of none: 0 to go ahead, otherwise the seconds to wait."""
        keys = {self._key(subject): FREE[subject.kind] for subject in subjects}
        wait = self._wait(list(keys), now)
        if wait:
            return wait
        try:
            with self._engine.begin() as connection:
                # In one order, so that two who try at once do not wait for each other.
                for key in sorted(keys):
                    _count(connection, key, keys[key], now)
        except _Blocked:
            return self._wait(list(keys), now) or 1
        return 0

    def forgive(self, subjects: Sequence[Subject]) -> None:
        """The attempt was a true one. A source only gets that one back: others may be guessing from there."""
        with self._engine.begin() as connection:
            for subject in subjects:
                mine = _table.c.key == self._key(subject)
                if subject.kind == "source":
                    less = {"attempts": _table.c.attempts - 1, "blocked_until": _table.c.last_at}
                    connection.execute(update(_table).where(mine, _table.c.attempts > 0).values(**less))
                else:
                    connection.execute(delete(_table).where(mine))

    def _wait(self, keys: Sequence[str], now: datetime) -> int:
        with reading(self._engine) as connection:
            until = connection.execute(
                select(_table.c.blocked_until).where(_table.c.key.in_(keys), _table.c.blocked_until > now)
            ).scalars()
            return max((int((at - now).total_seconds()) + 1 for at in until), default=0)

    def _key(self, subject: Subject) -> str:
        digest = hmac.new(self._secret, f"{subject.kind}:{subject.name}".encode(), hashlib.sha256)
        return f"{subject.kind}:{digest.hexdigest()}"


def _count(connection: Connection, key: str, free: int, now: datetime) -> None:
    insert_once(connection, _table, [{"key": key, "attempts": 0, "last_at": now, "blocked_until": now}])
    row = connection.execute(select(_table).where(_table.c.key == key).with_for_update()).one()
    if row.blocked_until > now:
        raise _Blocked
    attempts = 1 if now - row.last_at > QUIET else row.attempts + 1
    connection.execute(
        update(_table)
        .where(_table.c.key == key)
        .values(attempts=attempts, last_at=now, blocked_until=now + _delay(attempts - free))
    )


def _delay(beyond: int) -> timedelta:
    if beyond < 0:
        return timedelta(0)
    return min(FIRST_DELAY * (1 << min(beyond, 10)), LONGEST_DELAY)


def forget_attempts(connection: Connection, now: datetime) -> None:
    """Removes what counts for nothing any more."""
    connection.execute(delete(_table).where(_table.c.last_at < now - QUIET))
