"""Log-in sessions, as rows: a cookie alone opens nothing, so ending a row ends the session on any device."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, delete, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from hotline.accounts.models import Account
from hotline.storage import tables
from hotline.storage.engine import reading

#: A session ends when nothing was asked for so long, and at the latest so long after it began: the longest
#: shift of a night and the handover after it.
IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=18)
#: For so long after a password or code was given it is not asked again before something grave is changed.
CONFIRMED = timedelta(minutes=15)
_NOTED_EVERY = timedelta(minutes=1)

_table = tables.account_sessions


@dataclass(frozen=True, slots=True)
class OpenSession:
    """`key` is the hash of the token in the cookie; `browser` is in words for people."""

    key: str
    account: int
    browser: str
    began_at: datetime
    seen_at: datetime
    confirmed_at: datetime

    def is_over(self, now: datetime) -> bool:
        return now - self.seen_at > IDLE or now - self.began_at > LONGEST

    def seconds_left(self, now: datetime) -> tuple[int, int]:
        """Until it ends because nothing is asked for, and until it ends whatever is asked for."""
        idle, longest = self.seen_at + IDLE - now, self.began_at + LONGEST - now
        return max(0, int(idle.total_seconds())), max(0, int(longest.total_seconds()))

    def is_confirmed(self, now: datetime) -> bool:
        return now - self.confirmed_at <= CONFIRMED


def key_of(token: str) -> str:
    """What is stored of a secret that only its holder knows."""
    return hashlib.sha256(token.encode()).hexdigest()


def begin_session(connection: Connection, account: int, browser: str, now: datetime) -> str:
    """The token of a new session. It is nowhere but in the answer's cookie."""
    token = secrets.token_urlsafe(32)
    connection.execute(
        insert(_table).values(
            key=key_of(token), account=account, browser=browser, began_at=now, seen_at=now, confirmed_at=now
        )
    )
    connection.execute(
        update(tables.accounts).where(tables.accounts.c.id == account).values(logged_in_at=now)
    )
    return token


def find_session(
    engine: Engine, token: str, now: datetime, prolong: bool = True
) -> tuple[Account, OpenSession] | None:
    """Whose session it is; None when it never was, is over or was ended, or the account is disabled.

    To look for it prolongs it, unless that is not wanted. Raises sqlalchemy.exc.SQLAlchemyError when the
    database is away.
    """
    query = select(Account, *_table.c).join(_table, _table.c.account == Account.id)
    with reading(engine) as connection, Session(connection) as session:
        row = session.execute(query.where(_table.c.key == key_of(token))).first()
    if row is None:
        return None
    account, found = row[0], OpenSession(*row[1:])
    if not account.active or found.is_over(now):
        return None
    if prolong and now - found.seen_at > _NOTED_EVERY:
        found = _seen(engine, found, now)
    return account, found


def _seen(engine: Engine, session: OpenSession, now: datetime) -> OpenSession:
    # A page is not refused because the database is busy or only readable: the next one will note it.
    with suppress(OperationalError):
        with engine.begin() as connection:
            connection.execute(update(_table).where(_table.c.key == session.key).values(seen_at=now))
        return replace(session, seen_at=now)
    return session


def confirm_session(connection: Connection, key: str, now: datetime) -> None:
    """Notes that whoever sits there has just proved again who it is."""
    connection.execute(update(_table).where(_table.c.key == key).values(confirmed_at=now))


def sessions_of(connection: Connection, account: int, now: datetime) -> Sequence[OpenSession]:
    """The account's sessions that go on, the one used last first."""
    rows = connection.execute(
        select(_table).where(_table.c.account == account).order_by(_table.c.seen_at.desc(), _table.c.key)
    )
    return [found for found in (OpenSession(*row) for row in rows) if not found.is_over(now)]


def end_session(connection: Connection, account: int, key: str) -> bool:
    """False when the account has no such session (any more)."""
    done = connection.execute(delete(_table).where(_table.c.key == key, _table.c.account == account))
    return done.rowcount > 0


def end_sessions(connection: Connection, account: int, but: str | None = None) -> int:
    """Ends all sessions of the account, but for the one with this key; how many those were."""
    ended = delete(_table).where(_table.c.account == account)
    if but is not None:
        ended = ended.where(_table.c.key != but)
    return connection.execute(ended).rowcount


def forget_sessions(connection: Connection, now: datetime) -> None:
    """Removes the rows of sessions that are over."""
    over = (_table.c.seen_at < now - IDLE) | (_table.c.began_at < now - LONGEST)
    connection.execute(delete(_table).where(over))
