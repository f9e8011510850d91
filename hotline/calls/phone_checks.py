"""Confirms that who sits at the page has the phone in hand: we call it, they key in what the page shows."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, RowMapping, func, select

from hotline.calls.duty_answering import phone_code
from hotline.privacy import Vault
from hotline.storage import tables
from hotline.storage.engine import reading
from hotline.storage.outgoing import Outgoing, queue
from hotline.storage.writing import upsert
from hotline.telephony.duty_script import PHONE_CHECK, DutyCall, DutyScript
from routing.roster import Roster

#: Calls one person may have made in an hour: the page must not be good for ringing somebody else's phone.
MOST_IN_AN_HOUR: Final = 5
_RINGS_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class PhoneCheckStarted:
    """The phone is about to ring. `code` is for the page; nothing else ever shows or says it."""

    code: str


@dataclass(frozen=True, slots=True)
class TooManyChecks:
    """No call is made; the next one may be at `again_at`."""

    again_at: datetime


@dataclass(frozen=True, slots=True)
class PhoneState:
    """When a call was last asked for, when the code was keyed in, and when the phone last proved to work."""

    asked_at: datetime | None = None
    verified_at: datetime | None = None
    tested_at: datetime | None = None


@dataclass(frozen=True)
class PhoneChecks:
    engine: Engine
    vault: Vault
    script: DutyScript
    secret: str
    roster: Callable[[], Roster | None]

    def start(self, person: str, number: str, now: datetime) -> PhoneCheckStarted | TooManyChecks:
        """Rings the number within seconds, showing the first line. It is E.164, on the roster or not yet.

        A check of the number that was begun before is void. Raises SQLAlchemyError.
        """
        roster = self.roster()
        line = next(iter(roster.lines), "") if roster else ""
        told = f"phone check\x00{person}\x00{number}\x00{now.isoformat()}".encode()
        token = hmac.new(self.secret.encode(), told, hashlib.sha256).hexdigest()[:20]
        key = f"phone-check/{person}/{token}"
        with self.engine.begin() as connection:
            outbox = tables.outbox.c
            before = connection.execute(
                select(func.count(), func.min(outbox.due_at, type_=tables.Instant())).where(
                    outbox.kind == "call",
                    outbox.person == person,
                    outbox.template == PHONE_CHECK,
                    outbox.due_at > now - timedelta(hours=1),
                )
            ).one()
            if before[0] >= MOST_IN_AN_HOUR:
                return TooManyChecks(before[1] + timedelta(hours=1))
            check = {"person": person, "fingerprint": self.vault.fingerprint(number), "token": token}
            upsert(connection, tables.phone_checks, [check | {"asked_at": now}])
            queue(connection, [self._call(key, person, number, DutyCall(line, person, token), now)])
        return PhoneCheckStarted(phone_code(self.secret, token, number))

    def state(self, person: str, number: str) -> PhoneState:
        """What is known of this person's number. Raises SQLAlchemyError."""
        checks = tables.phone_checks
        query = select(checks).where(
            checks.c.person == person, checks.c.fingerprint.in_(self.vault.fingerprints(number))
        )
        with reading(self.engine) as connection:
            rows = connection.execute(query).mappings().all()
        return PhoneState(*(_latest(rows, name) for name in ("asked_at", "verified_at", "tested_at")))

    def _call(self, key: str, person: str, number: str, call: DutyCall, now: datetime) -> Outgoing:
        sealed = self.vault.seal(number, number_place(key))
        return Outgoing(
            key=key,
            kind="call",
            line=call.line,
            template=PHONE_CHECK,
            details={"query": self.script.query(call), "number": sealed},
            due_at=now,
            person=person,
            urgent=True,
            expires_at=now + _RINGS_FOR,
        )


def number_place(key: str) -> str:
    """Where the number of a row of the outbox lives, for the vault, when it is not the roster's."""
    return f"outbox.details.{key}"


def _latest(rows: Sequence[RowMapping], name: str) -> datetime | None:
    return max((row[name] for row in rows if row[name] is not None), default=None)
