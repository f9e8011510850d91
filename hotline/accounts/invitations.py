"""Invitations: accounts made for somebody, and the link with which that somebody takes theirs, once."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, update
from sqlalchemy.orm import Session

from hotline.accounts.models import Account, Role
from hotline.accounts.sessions import end_sessions, key_of
from hotline.storage import tables
from hotline.storage.engine import reading

GOOD_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Invitation:
    """`token` is the secret part of the link; it is stored nowhere."""

    account: int
    email: str
    name: str
    language: str
    token: str
    expires_at: datetime

    def link(self, public_url: str) -> str:
        return f"{public_url}/invitation/{self.token}"


class AlreadyThere(Exception):
    """There is an account with this address, and it is in use."""


def invite(
    connection: Connection,
    email: str,
    role: Role,
    now: datetime,
    person: str | None = None,
    name: str = "",
    language: str = "nl",
) -> Invitation:
    """An account and its link. One that was never taken, or was disabled, gets a new link and these values.

    Raises AlreadyThere.
    """
    table = tables.accounts
    values = {"role": role, "person": person, "name": name, "language": language, "active": True}
    found = connection.execute(select(table).where(table.c.email == email)).first()
    if found is None:
        made = insert(table).values(email=email, created_at=now, **_fresh_names(), **values)
        account: int = connection.execute(made.returning(table.c.id)).scalar_one()
    elif found.active and found.password is not None:
        raise AlreadyThere(email)
    else:
        account = found.id
        strip(connection, account)
        connection.execute(update(table).where(table.c.id == account).values(**values))
    return _new_link(connection, account, now)


def reset(connection: Connection, account: int, now: datetime, role: Role | None = None) -> Invitation:
    """Takes away everything somebody could log in with, ends all sessions, and gives a new link."""
    strip(connection, account)
    if role is not None:
        mine = tables.accounts.c.id == account
        connection.execute(update(tables.accounts).where(mine).values(role=role))
    return _new_link(connection, account, now)


def disable(connection: Connection, account: int) -> None:
    """Nobody gets in with this account until it is invited again."""
    mine = tables.accounts.c.id == account
    strip(connection, account)
    connection.execute(update(tables.accounts).where(mine).values(active=False))


def strip(connection: Connection, account: int) -> None:
    """Ends sessions and links, and removes password, codes and passkeys."""
    end_sessions(connection, account)
    for table in (tables.invitations, tables.recovery_codes, tables.passkeys):
        connection.execute(delete(table).where(table.c.account == account))
    nothing = {"password": None, "totp": None, "totp_step": None}
    mine = tables.accounts.c.id == account
    connection.execute(update(tables.accounts).where(mine).values(**nothing, **_fresh_names()))


def find_invitation(engine: Engine, token: str, now: datetime) -> Account | None:
    """Whose link it is; None when it never was one, was used, was replaced or is too old."""
    table = tables.invitations
    query = select(Account).join(table, table.c.account == Account.id)
    with reading(engine) as connection, Session(connection) as session:
        account = session.scalar(query.where(_usable(token, now)))
    return account if account is not None and account.active else None


def accept(connection: Connection, token: str, name: str, password: str, now: datetime) -> bool:
    """Sets name and (hashed) password and uses up the link. False when somebody was faster."""
    table = tables.invitations
    used = update(table).where(_usable(token, now)).values(used_at=now).returning(table.c.account)
    account = connection.execute(used).scalar_one_or_none()
    if account is None:
        return False
    mine = tables.accounts.c.id == account
    connection.execute(update(tables.accounts).where(mine).values(name=name, password=password))
    return True


def _usable(token: str, now: datetime) -> ColumnElement[bool]:
    table = tables.invitations
    return (table.c.key == key_of(token)) & table.c.used_at.is_(None) & (table.c.expires_at > now)


def _new_link(connection: Connection, account: int, now: datetime) -> Invitation:
    token, expires_at = secrets.token_urlsafe(32), now + GOOD_FOR
    connection.execute(
        insert(tables.invitations).values(
            key=key_of(token), account=account, made_at=now, expires_at=expires_at
        )
    )
    row = connection.execute(select(tables.accounts).where(tables.accounts.c.id == account)).one()
    return Invitation(account, row.email, row.name, row.language, token, expires_at)


def _fresh_names() -> dict[str, str]:
    return {"fs_uniquifier": uuid.uuid4().hex, "fs_webauthn_user_handle": uuid.uuid4().hex}
