"""What the pages of a log-in share: who is half-way in, what attempts count for, and the step inside."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from flask import current_app, redirect, request, session, url_for
from flask_security.utils import login_user
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.wrappers import Response

from hotline import logs, metrics
from hotline.accounts.current import TOKEN, now, services
from hotline.accounts.logins import account_by_id, code_subject
from hotline.accounts.models import Account
from hotline.accounts.security import throttle
from hotline.accounts.sessions import begin_session, key_of
from hotline.accounts.throttle import Subject
from hotline.web.access import local_path
from hotline.web.cookies import is_https
from hotline.web.source import browser, source

log = logs.get_logger(__name__)

_HALF_WAY = "half_way"
_HALF_WAY_FOR = timedelta(minutes=15)
_A_YEAR = 31_536_000


def half_way(account: Account) -> None:
    """Notes that the account's password was given, and no more. What the session held before is gone."""
    session.clear()
    session[_HALF_WAY] = [account.id, account.fs_uniquifier, now().isoformat()]


def half_way_account() -> Account | None:
    """Whose password was given here a moment ago."""
    noted = session.get(_HALF_WAY)
    if noted is None:
        return None
    account_id, uniquifier, at = noted
    account = account_by_id(services().engine, account_id)
    fresh = now() - datetime.fromisoformat(at) <= _HALF_WAY_FOR
    usable = account is not None and account.active and account.fs_uniquifier == uniquifier
    return account if fresh and usable else None


def let_in(account: Account) -> None:
    """Begins a session: with a new token, and with nothing of what was in the cookie before."""
    with services().engine.begin() as connection:
        token = begin_session(connection, account.id, browser(), now())
    throttle().forgive([*subjects(account.email), code_subject(account)])
    session.clear()
    login_user(account)
    session[TOKEN] = token
    metrics.logins.labels("in").inc()
    log.info("an account logged in", account=account.id)


def enter(account: Account) -> Response:
    """Begins a session, and goes to the page that was asked for."""
    let_in(account)
    return remember_browser(account, redirect(where_to(), 303))


def where_to() -> str:
    return local_path(request.args.get("next", "/"))


def step(endpoint: str) -> Response:
    """To the next page of the log-in; where it all leads goes along."""
    return redirect(url_for(endpoint, next=request.args.get("next")), 303)


def subjects(email: str) -> list[Subject]:
    """What an attempt with this address counts for.

    A browser this account was logged in with before has a count of its own: so nobody keeps somebody else
    out by guessing.
    """
    device = _known_browser(email)
    who = Subject("device", device) if device else Subject("account", email)
    where = source()
    return [who] if where is None else [who, Subject("source", where)]


def remember_browser(account: Account, response: Response) -> Response:
    """Lets this browser be recognised, and be spoken to in the account's language."""
    secure = is_https(current_app)
    device = _known_browser(account.email) or secrets.token_urlsafe(12)
    sealed = _signer().dumps([key_of(account.email), device])
    response.set_cookie(_cookie(), sealed, max_age=_A_YEAR, secure=secure, httponly=True, samesite="Lax")
    if "language" not in request.cookies:
        response.set_cookie(
            "language", account.language, max_age=_A_YEAR, secure=secure, httponly=True, samesite="Lax"
        )
    return response


def _known_browser(email: str) -> str | None:
    try:
        known, device = _signer().loads(request.cookies.get(_cookie(), ""))
    except (BadSignature, ValueError):
        return None
    return device if known == key_of(email) else None


def _cookie() -> str:
    return "__Host-browser" if is_https(current_app) else "browser"


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(services().settings.secret_key, salt="browser")
