"""The outbox in the database: everything that ever goes out is a row of it, put there once.

Who sends claims a row by one conditional statement, so any number of processes may try.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, literal, or_, select, update

from hotline import metrics
from hotline.storage import tables
from hotline.storage.writing import insert_once

Kind = Literal["text", "email", "call"]
KINDS: Final[tuple[Kind, ...]] = ("text", "email", "call")

#: A claim not finished by then was made by a process that died. Each is longer than sending ever takes:
#: an e-mail is a conversation of many answers, a text or a call two requests with a time limit each.
CLAIM_LASTS: Final[Mapping[Kind, timedelta]] = {
    "text": timedelta(seconds=25),
    "call": timedelta(seconds=25),
    "email": timedelta(minutes=2),
}

_outbox = tables.outbox


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text, e-mail or call. What is queued twice under one `key` goes out once.

    It goes to `person` of the roster, or where `account` is set to that account's address, and comes from
    `line`. `details` is JSON, holds nothing personal, and fills the gaps of `template`. Urgent ones go
    first; one not sent by `expires_at` is dropped: nobody would understand it any more.
    """

    key: str
    kind: Kind
    line: str
    template: str
    details: Mapping[str, Any]
    due_at: datetime
    person: str = ""
    account: int | None = None
    urgent: bool = False
    expires_at: datetime | None = None


def queue(connection: Connection, messages: Iterable[Outgoing]) -> int:
    """Puts them into the outbox; how many were not there yet."""
    return insert_once(connection, _outbox, [_row(message, "due") for message in messages])


def queue_dropped(connection: Connection, messages: Iterable[Outgoing]) -> int:
    """Notes that these will never go out, because it is too late for them. Each is counted once."""
    dropped = 0
    for message in messages:
        if insert_once(connection, _outbox, [_row(message, "dropped") | {"last_error": "too late"}]):
            metrics.outgoing.labels(message.kind, "dropped").inc()
            dropped += 1
    return dropped


def keys_queued(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Those of the keys that are in the outbox, whatever became of them."""
    return set(connection.execute(select(_outbox.c.key).where(_outbox.c.key.in_(keys))).scalars())


def is_any_due(connection: Connection, now: datetime, kinds: Sequence[Kind]) -> bool:
    found = connection.execute(select(_outbox.c.key).where(_takeable(_outbox, now, kinds)).limit(1))
    return found.first() is not None


def claim(connection: Connection, now: datetime, kinds: Sequence[Kind], process: str) -> RowMapping | None:
    """The next row to send, which is now ours alone; None when nothing is due.

    `unsure` in it says that an earlier attempt may have got through.
    """
    waiting = tables.outbox.alias()
    following = (
        select(waiting.c.key)
        .where(_takeable(waiting, now, kinds))
        .order_by(waiting.c.urgent.desc(), waiting.c.due_at, waiting.c.key)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    statement = (
        update(_outbox)
        .where(_outbox.c.key == following, _takeable(_outbox, now, kinds))
        .values(
            state="claimed",
            claimed_at=now,
            claimed_by=process,
            attempts=_outbox.c.attempts + 1,
            # The right side is the row as it was: forsaken, it may have been sent.
            unsure=or_(_outbox.c.unsure, _outbox.c.state == "claimed"),
            tried_at=func.coalesce(_outbox.c.tried_at, literal(now, tables.Instant)),
        )
        .returning(_outbox)
    )
    return connection.execute(statement).mappings().one_or_none()


def finish(connection: Connection, row: RowMapping, **values: Any) -> bool:
    """Writes what became of a claimed row; False, and nothing changes, when somebody took it over."""
    ours = (
        _outbox.c.key == row["key"],
        _outbox.c.state == "claimed",
        _outbox.c.claimed_by == row["claimed_by"],
        _outbox.c.attempts == row["attempts"],
    )
    return connection.execute(update(_outbox).where(*ours).values(**values)).rowcount == 1


def known_sids(connection: Connection, sids: Sequence[str]) -> set[str]:
    """Those of the provider's ids that belong to a row already."""
    rows = connection.execute(select(_outbox.c.provider_sid).where(_outbox.c.provider_sid.in_(sids)))
    return {sid for sid in rows.scalars() if sid is not None}


def oldest_due_at(connection: Connection) -> datetime | None:
    """Since when the row has been due that has waited longest; None when none is waiting."""
    waiting = select(_outbox.c.due_at).where(_outbox.c.state.in_(("due", "claimed")))
    found: datetime | None = connection.execute(waiting.order_by(_outbox.c.due_at).limit(1)).scalar()
    return found


def _takeable(table: Any, now: datetime, kinds: Sequence[Kind]) -> ColumnElement[bool]:
    due = and_(table.c.kind.in_(kinds), table.c.state == "due", table.c.due_at <= now)
    forsaken = [
        and_(table.c.kind == kind, table.c.state == "claimed", table.c.claimed_at < now - CLAIM_LASTS[kind])
        for kind in kinds
    ]
    return or_(due, *forsaken)


def _row(message: Outgoing, state: str) -> dict[str, Any]:
    return {
        "key": message.key,
        "kind": message.kind,
        "person": message.person,
        "account": message.account,
        "line": message.line,
        "template": message.template,
        "details": dict(message.details),
        "due_at": message.due_at,
        "expires_at": message.expires_at,
        "urgent": message.urgent,
        "unsure": False,
        "state": state,
        "attempts": 0,
    }
