"""Sends what is due in the outbox: claimed before it is sent, and nothing knowingly twice.

What was never taken is tried again, later and later; where nobody knows whether it was taken, the provider
is asked first.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Engine, RowMapping
from sqlalchemy.exc import SQLAlchemyError

from hotline import logs, metrics
from hotline.jobs.carriers import Carriers, Parcel, Undeliverable
from hotline.mail import MailError
from hotline.storage.engine import reading
from hotline.storage.outgoing import KINDS, Kind, claim, finish, is_any_due, known_sids
from hotline.telephony.provider import ProviderError

log = logs.get_logger(__name__)

#: Some half an hour, by the delays below.
MOST_ATTEMPTS: Final = 16
_LONGEST_DELAY = 240
#: The provider asks for this after "too many requests"; such a request was never taken.
_LONGEST_DELAY_WHEN_TOO_MANY = 30
_TOO_MANY = frozenset({"20429", "429"})
#: Refused because of how we are set up, which somebody is mending while the row waits.
_MENDABLE = frozenset({"20003", "401", "403"})
#: Who was held up for so long between claim and sending (a paused machine) lets somebody else send.
_CLAIM_IS_FRESH = 12.0
#: Clocks differ; what was sent by an earlier row is known by its id.
_CLOCKS_DIFFER = timedelta(minutes=10)


@dataclass(frozen=True)
class Outbox:
    """`process` names who claims: different in every process. `monotonic` measures how long things take."""

    engine: Engine
    carriers: Carriers
    process: str
    monotonic: Callable[[], float] = time.monotonic

    def send_due(self, now: datetime, kinds: Sequence[Kind] = KINDS, most: int = 100) -> int:
        """Sends what is due; how much went out. What fails holds up nothing else.

        Raises SQLAlchemyError when the database is away: claimed rows are then sent by whoever comes next.
        """
        started = self.monotonic()
        sent = 0
        for _ in range(most):
            claimed = self.monotonic()
            at = now + timedelta(seconds=claimed - started)
            row = self._claim(at, kinds)
            if row is None:
                break
            sent += self._send(row, at, claimed)
        return sent

    def _claim(self, at: datetime, kinds: Sequence[Kind]) -> RowMapping | None:
        with reading(self.engine) as connection:
            if not is_any_due(connection, at, kinds):
                return None
        with self.engine.begin() as connection:
            return claim(connection, at, kinds, self.process)

    def _send(self, row: RowMapping, at: datetime, claimed: float) -> bool:
        try:
            parcel = self.carriers.pack(row, at)
            sid = self._carried_before(row, parcel) if row["unsure"] else None
            if sid is None:
                if row["expires_at"] is not None and row["expires_at"] <= at:
                    return self._finish(row, "dropped", "too late")
                if self.monotonic() - claimed > _CLAIM_IS_FRESH:
                    return self._finish(row, "due", "held up")
                sid = self.carriers.carry(parcel)
        except Undeliverable as why:
            return self._finish(row, "failed", str(why))
        except (ProviderError, MailError) as error:
            return self._failed(row, error, at)
        except SQLAlchemyError:
            raise
        except Exception as fault:  # a row that cannot be understood must not hold up the others
            log.exception("outgoing row failed", kind=row["kind"])
            return self._finish(row, "failed", type(fault).__name__)
        return self._finish(row, "sent", None, provider_sid=sid, sent_at=at)

    def _carried_before(self, row: RowMapping, parcel: Parcel) -> str | None:
        """The provider's id of an earlier attempt that got through, and that is no other row's."""
        sids = self.carriers.carried_since(parcel, row["tried_at"] - _CLOCKS_DIFFER)
        with reading(self.engine) as connection:
            known = known_sids(connection, sids)
        return next((sid for sid in sids if sid not in known), None)

    def _failed(self, row: RowMapping, error: ProviderError | MailError, at: datetime) -> bool:
        attempts = row["attempts"]
        log.error("not sent", kind=row["kind"], code=error.code, attempt=attempts)
        unsure = row["unsure"] or error.done is None
        if (error.permanent and error.code not in _MENDABLE) or attempts >= MOST_ATTEMPTS:
            return self._finish(row, "failed", error.code, unsure=unsure)
        later = at + _delay(row["key"], attempts, error.code)
        return self._finish(row, "due", error.code, due_at=later, unsure=unsure)

    def _finish(self, row: RowMapping, state: str, error: str | None, **more: Any) -> bool:
        with self.engine.begin() as connection:
            finished = finish(connection, row, state=state, last_error=error, **more)
        metrics.outgoing.labels(row["kind"], state if finished else "taken over").inc()
        return finished and state == "sent"


def _delay(key: str, attempts: int, code: str) -> timedelta:
    """Twice as long each time, less up to a half, so that not everybody comes back at once.

    The same row waits the same time whenever it is replayed.
    """
    longest = _LONGEST_DELAY_WHEN_TOO_MANY if code in _TOO_MANY else _LONGEST_DELAY
    seconds = min(4.0 * 2 ** min(attempts, 16), longest)
    share = zlib.crc32(f"{key}/{attempts}".encode()) / 2**32
    return timedelta(seconds=seconds * (1 - share / 2))
