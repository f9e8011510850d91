"""The second factor: codes of an app, each good once, and recovery codes for when the app is lost."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from typing import Protocol, cast

from flask_security.totp import Totp
from passlib.exc import TokenError
from sqlalchemy import Connection, Engine, delete, func, insert, or_, select, update

from hotline import logs
from hotline.accounts.models import Account
from hotline.accounts.sessions import key_of
from hotline.privacy import Unreadable, Vault
from hotline.storage import tables

log = logs.get_logger(__name__)

ISSUER = "Nachtwacht"
RECOVERY_CODES = 10
#: Clocks differ: the code before and the one after count too.
_WINDOW = 30
#: Without letters and digits that look alike.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


class _Match(Protocol):
    counter: int


class Authenticator(Totp):
    """Codes by time (RFC 6238), of which the last one used is remembered, so that none is good twice."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        # What is stored is sealed by the vault; the library's own encryption is not used.
        super().__init__({1: "unused"}, ISSUER)
        self._engine = engine
        self._vault = vault

    def new_secret(self) -> str:
        """A secret for a new app, not sealed."""
        found: str = self._totp.new().base32_key
        return found

    def address(self, secret: str, account: Account) -> str:
        """What the QR code says: an otpauth:// address."""
        return self.get_totp_uri(account.email, _source(secret))

    def seal(self, secret: str, account: int) -> str:
        return self._vault.seal(secret, _place(account))

    def step_of(self, code: str, secret: str, now: datetime) -> int | None:
        """The step of time a code of this secret is for; None for a wrong code."""
        try:
            match = self._totp.verify("".join(code.split()), _source(secret), time=now, window=_WINDOW)
        except TokenError:
            return None
        return cast(_Match, match).counter

    def accepts(self, code: str, account: Account, now: datetime) -> bool:
        """Whether it is a code of the account's app that was not used before."""
        if account.totp is None:
            return False
        try:
            secret = self._vault.unseal(account.totp, _place(account.id))
        except Unreadable:
            # A recovery code still opens the door.
            log.error("the secret of an app is sealed with a key that is not here", account=account.id)
            return False
        step = self.step_of(code, secret, now)
        return step is not None and self._use(account.id, step)

    def _use(self, account: int, step: int) -> bool:
        """Only one of several who use a code at the same moment gets through."""
        table = tables.accounts
        newer = or_(table.c.totp_step.is_(None), table.c.totp_step < step)
        with self._engine.begin() as connection:
            used = connection.execute(
                update(table).where(table.c.id == account, newer).values(totp_step=step)
            )
        return used.rowcount == 1


def _place(account: int) -> str:
    return f"accounts.totp.{account}"


def _source(secret: str) -> str:
    return json.dumps({"v": 1, "type": "totp", "key": secret})


def new_recovery_codes(connection: Connection, account: int) -> list[str]:
    """Fresh codes in place of all earlier ones. Only here can they be read: stored are their hashes."""
    table = tables.recovery_codes
    codes = ["-".join(_group() for _ in range(4)) for _ in range(RECOVERY_CODES)]
    connection.execute(delete(table).where(table.c.account == account))
    connection.execute(insert(table), [{"account": account, "hash": _hash(account, code)} for code in codes])
    return codes


def use_recovery_code(connection: Connection, account: int, code: str, now: datetime) -> bool:
    """True once for each code."""
    table = tables.recovery_codes
    mine = (table.c.account == account) & (table.c.hash == _hash(account, code))
    used = connection.execute(update(table).where(mine, table.c.used_at.is_(None)).values(used_at=now))
    return used.rowcount == 1


def recovery_codes_left(connection: Connection, account: int) -> int:
    table = tables.recovery_codes
    left = select(func.count()).where(table.c.account == account, table.c.used_at.is_(None))
    return connection.execute(left).scalar_one()


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(4))


def _hash(account: int, code: str) -> str:
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return key_of(f"{account}:{plain}")
