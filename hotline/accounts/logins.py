"""Logging in, step by step: first the password, then the code. Each guess is counted before it is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from hotline.accounts.codes import Authenticator, use_recovery_code
from hotline.accounts.models import Account
from hotline.accounts.passwords import is_password, place_to_hash
from hotline.accounts.throttle import Subject, Throttle
from hotline.storage.engine import reading


@dataclass(frozen=True, slots=True)
class Wait:
    """There were too many attempts: the next one may be made after so many seconds."""

    seconds: int


def normal_email(text: str) -> str:
    return text.strip().casefold()


def find_account(engine: Engine, email: str) -> Account | None:
    with reading(engine) as connection, Session(connection) as session:
        return session.scalar(select(Account).where(Account.email == normal_email(email)))  # type: ignore[arg-type]


def account_by_id(engine: Engine, account: int) -> Account | None:
    with reading(engine) as connection, Session(connection) as session:
        return session.get(Account, account)


def check_password(
    engine: Engine, throttle: Throttle, email: str, password: str, subjects: Sequence[Subject], now: datetime
) -> Account | Wait | None:
    """The account whose password it is; None alike for a wrong one, an unknown address, a disabled account.

    Raises passwords.TooBusy, before the attempt is counted.
    """
    with place_to_hash() as place:
        seconds = throttle.claim(subjects, now)
        if seconds:
            return Wait(seconds)
        account = find_account(engine, email)
        stored = account.password if account is not None and account.active else None
        return account if is_password(place, password, stored) else None


def check_code(
    engine: Engine,
    throttle: Throttle,
    authenticator: Authenticator,
    account: Account,
    code: str,
    now: datetime,
) -> bool | Wait:
    """Whether it is a code of the account's app, or one of its recovery codes, not used before."""
    seconds = throttle.claim([code_subject(account)], now)
    if seconds:
        return Wait(seconds)
    if len("".join(code.split())) <= 8:
        return authenticator.accepts(code, account, now)
    with engine.begin() as connection:
        return use_recovery_code(connection, account.id, code, now)


def code_subject(account: Account) -> Subject:
    return Subject("code", str(account.id))
