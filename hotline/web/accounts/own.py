"""One's own account: the password, the second factor, and every device that is logged in."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from flask import redirect, render_template, request, url_for
from flask_babel import get_locale
from sqlalchemy import update
from werkzeug.wrappers import Response

from hotline.accounts.codes import recovery_codes_left
from hotline.accounts.current import current_account, current_session, now, services
from hotline.accounts.logins import Wait, account_by_id, check_password
from hotline.accounts.passkeys import passkeys_of
from hotline.accounts.passwords import TooBusy, hashed, password_fault, place_to_hash
from hotline.accounts.security import throttle
from hotline.accounts.sessions import end_session as end
from hotline.accounts.sessions import end_sessions, sessions_of
from hotline.storage import tables
from hotline.storage.engine import reading
from hotline.web.accounts import accounts
from hotline.web.accounts.answers import Page, busy, refused, waiting
from hotline.web.accounts.passkeys import passkeys_work
from hotline.web.accounts.steps import let_in, remember_browser, subjects


@accounts.get("/account")
def account() -> Page:
    return _page()


def _page(**more: object) -> str:
    mine = current_account()
    with reading(services().engine) as connection:
        return render_template(
            "accounts/account.html",
            mine=mine,
            this=current_session().key,
            sessions=sessions_of(connection, mine.id, now()),
            codes_left=recovery_codes_left(connection, mine.id),
            passkeys=passkeys_of(connection, mine.id),
            passkeys_work=passkeys_work(),
            moment=_moment,
            **more,
        )


def _moment(at: datetime) -> str:
    """Day and time on the roster's wall."""
    roster = services().roster_file.roster()
    zone = ZoneInfo(roster.zone.name) if roster is not None else UTC
    return format_datetime(at.astimezone(zone), "d MMM HH:mm", locale=get_locale())


@accounts.post("/account/password")
def password() -> Page:
    mine, new = current_account(), request.form.get("new", "")
    fault = password_fault(new, mine.email, mine.name)
    if fault:
        return refused(_page(new_fault=fault))
    try:
        given = request.form.get("current", "")
        found = check_password(services().engine, throttle(), mine.email, given, subjects(mine.email), now())
        if found is None:
            return refused(_page(current_fault="wrong"))
        if isinstance(found, Wait):
            return waiting(_page(wait=found.seconds), found)
        with place_to_hash() as place:
            stored = hashed(place, new)
    except TooBusy:
        return busy(_page(new_fault="busy"))
    _store(mine.id, stored)
    changed = account_by_id(services().engine, mine.id) or mine
    let_in(changed)
    return remember_browser(changed, redirect(url_for("accounts.account"), 303))


def _store(mine: int, stored: str) -> None:
    """Sets the password, and ends every session and every log-in that is half-way."""
    with services().engine.begin() as connection:
        connection.execute(
            update(tables.accounts)
            .where(tables.accounts.c.id == mine)
            .values(password=stored, fs_uniquifier=uuid.uuid4().hex)
        )
        end_sessions(connection, mine)


@accounts.get("/account/session")
def session_left() -> dict[str, int]:
    """Seconds this session lasts unless it is used, and at the latest. `stay` uses it."""
    idle, longest = current_session().seconds_left(now())
    return {"idle": idle, "longest": longest}


@accounts.post("/account/sessions/<key>/end")
def end_session(key: str) -> Response:
    with services().engine.begin() as connection:
        end(connection, current_account().id, key)
    return redirect(url_for("accounts.account"), 303)


@accounts.post("/account/sessions/end-others")
def end_other_sessions() -> Response:
    with services().engine.begin() as connection:
        end_sessions(connection, current_account().id, but=current_session().key)
    return redirect(url_for("accounts.account"), 303)
