"""Who is asking: the account of this request, looked up at most once and only when somebody wants to know."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from flask import current_app, g, request, session
from flask_login import current_user
from sqlalchemy import Engine

from hotline.accounts.models import DEMO_DOMAIN, Account
from hotline.accounts.sessions import OpenSession, find_session
from hotline.clock import Clock
from hotline.privacy import Vault
from hotline.settings import Settings

#: Where the cookie keeps the token of the session.
TOKEN = "session"  # noqa: S105 - the name of a field


class Running(Protocol):
    """What accounts need of the services of this process."""

    @property
    def settings(self) -> Settings: ...
    @property
    def engine(self) -> Engine: ...
    @property
    def vault(self) -> Vault: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def roster_file(self) -> Any: ...


def current_account() -> Account:
    """The account of this request. Behind a door that asks for a role there always is one."""
    account = account_or_none()
    if account is None:
        raise LookupError("nobody is logged in")
    return account


def account_or_none() -> Account | None:
    """Raises sqlalchemy.exc.SQLAlchemyError when the database is away."""
    return current_user if isinstance(current_user, Account) else None


def known_account() -> Account | None:
    """The account as far as it was looked up already: for what stands on every page, error pages too."""
    found = g.get("_login_user")
    return found if isinstance(found, Account) else None


def known_session() -> OpenSession | None:
    """The session this request came with, as far as it was looked up already."""
    found: OpenSession | None = g.get("account_session")
    return found


def current_session() -> OpenSession:
    """The session of this request, where there is an account."""
    current_account()
    found: OpenSession = g.account_session
    return found


def load_account(user_id: str) -> Account | None:
    """For Flask-Login: the account whose session the cookie names."""
    # To ask how long it lasts is not to use it.
    prolong = request.endpoint != "accounts.session_left" or "stay" in request.args
    found = find_session(services().engine, str(session.get(TOKEN, "")), now(), prolong)
    if found is None or found[0].fs_uniquifier != user_id:
        return None
    account, g.account_session = found
    if account.email.endswith(DEMO_DOMAIN) and not services().settings.practice:
        return None
    return account


def services() -> Running:
    found: Running = current_app.extensions["hotline"].services
    return found


def now() -> datetime:
    return services().clock.now(request.headers)
