"""What people do about calls afterwards: see to an alert, call back as was promised."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlalchemy import Engine, insert, update

from hotline.storage import tables

alerts, callbacks, attempts = tables.alerts, tables.callbacks, tables.callback_attempts

#: `not reached` is one attempt: the promise stands. `given up` ends it.
Attempt = Literal["done", "not reached", "given up"]

_STATES: dict[Attempt, str] = {"done": "done", "not reached": "open", "given up": "not reached"}


def acknowledge(engine: Engine, key: str, by: str, now: datetime) -> bool:
    """Somebody saw to the alert. False when somebody else did before, or there is no such alert."""
    with engine.begin() as connection:
        done = connection.execute(
            update(alerts)
            .where(alerts.c.key == key, alerts.c.acknowledged_at.is_(None))
            .values(acknowledged_at=now, acknowledged_by=by)
        )
    return done.rowcount == 1


def record_attempt(engine: Engine, call: str, outcome: Attempt, by: str, now: datetime) -> bool:
    """Somebody called back, or tried to. False when the promise is no longer open, or there is none."""
    with engine.begin() as connection:
        open_ = connection.execute(
            update(callbacks)
            .where(callbacks.c.call == call, callbacks.c.state == "open")
            .values(state=_STATES[outcome])
        )
        if open_.rowcount == 1:
            connection.execute(insert(attempts).values(call=call, at=now, by=by, outcome=outcome))
    return open_.rowcount == 1
