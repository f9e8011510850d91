"""Secret addresses at which a calendar reads somebody's shifts, or everybody's. Each can be revoked.

Only a hash of the address's token is stored: it is shown once, and whoever reads the database
cannot read a calendar with it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, insert, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from hotline.storage import tables
from hotline.storage.engine import reading

feeds, accounts = tables.calendar_feeds, tables.accounts

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
#: That a calendar still reads an address is noted once in so long.
_NOTED_EVERY = timedelta(hours=1)
#: Who may have the address of the whole roster.
WHOLE_ROSTER = frozenset({"coordinator", "admin"})


@dataclass(frozen=True, slots=True)
class Feed:
    """What an address gives: the shifts of `person`, or all of them for None, in the account's language."""

    person: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Address:
    """An address that works, as far as it is known: the token itself is not."""

    created_at: datetime
    last_used_at: datetime | None


def new_address(engine: Engine, account: int, person: str | None, now: datetime) -> str:
    """The token of a new address. One the account had before for the same person stops working."""
    token = secrets.token_urlsafe(32)
    with engine.begin() as connection:
        _revoke(connection, account, person, now)
        connection.execute(
            insert(feeds).values(token_hash=_hashed(token), account=account, person=person, created_at=now)
        )
    return token


def revoke(engine: Engine, account: int, person: str | None, now: datetime) -> bool:
    """Ends the account's address for the person; False when there is none."""
    with engine.begin() as connection:
        return _revoke(connection, account, person, now) > 0


def addresses_of(engine: Engine, account: int) -> Mapping[str | None, Address]:
    """The account's addresses that work, by person; None is the whole roster."""
    query = select(feeds.c.person, feeds.c.created_at, feeds.c.last_used_at).where(
        feeds.c.account == account, feeds.c.revoked_at.is_(None)
    )
    with reading(engine) as connection:
        return {row.person: Address(row.created_at, row.last_used_at) for row in connection.execute(query)}


def find_feed(engine: Engine, token: str, now: datetime) -> Feed | None:
    """What the address gives; None when it is revoked, or its account may no longer see that.

    Raises sqlalchemy.exc.SQLAlchemyError when the database is away.
    """
    if not _TOKEN.fullmatch(token):
        return None
    query = (
        select(
            feeds.c.token_hash,
            feeds.c.person,
            feeds.c.last_used_at,
            accounts.c.language,
            accounts.c.role,
            accounts.c.person.label("owner"),
        )
        .join(accounts, accounts.c.id == feeds.c.account)
        .where(feeds.c.token_hash == _hashed(token), feeds.c.revoked_at.is_(None), accounts.c.active)
    )
    with reading(engine) as connection:
        row = connection.execute(query).first()
    if row is None:
        return None
    if row.role not in WHOLE_ROSTER if row.person is None else row.person != row.owner:
        return None
    if row.last_used_at is None or now - row.last_used_at > _NOTED_EVERY:
        _note_use(engine, row.token_hash, now)
    return Feed(row.person, row.language)


def _note_use(engine: Engine, token_hash: str, now: datetime) -> None:
    """A database that cannot be written to refuses nobody their calendar."""
    stale = or_(feeds.c.last_used_at.is_(None), feeds.c.last_used_at < now - _NOTED_EVERY)
    try:
        with engine.begin() as connection:
            connection.execute(
                update(feeds).where(feeds.c.token_hash == token_hash, stale).values(last_used_at=now)
            )
    except SQLAlchemyError:
        return


def _revoke(connection: Connection, account: int, person: str | None, now: datetime) -> int:
    done = connection.execute(
        update(feeds)
        .where(feeds.c.account == account, feeds.c.person.is_not_distinct_from(person))
        .where(feeds.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    return done.rowcount


def _hashed(token: str) -> str:
    # 256 random bits cannot be tried out: a key would add nothing, and losing it would end every address.
    return hashlib.sha256(token.encode()).hexdigest()
