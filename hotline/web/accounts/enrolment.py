"""Taking an account: the invitation, the authenticator app, the recovery codes. Also renewing the app."""

from __future__ import annotations

from typing import Any

import segno
from flask import Response, render_template, request, session, url_for
from markupsafe import Markup
from sqlalchemy import update

from hotline.accounts.codes import new_recovery_codes
from hotline.accounts.current import current_account, current_session, now, services
from hotline.accounts.invitations import accept, find_invitation
from hotline.accounts.logins import Wait, code_subject
from hotline.accounts.models import Account
from hotline.accounts.passwords import TooBusy, hashed, password_fault, place_to_hash
from hotline.accounts.security import authenticator, throttle
from hotline.accounts.sessions import end_sessions
from hotline.storage import tables
from hotline.web.accounts import accounts
from hotline.web.accounts.answers import Page, busy, page, refused, waiting
from hotline.web.accounts.confirmed import confirmed
from hotline.web.accounts.steps import (
    enter,
    half_way,
    half_way_account,
    let_in,
    remember_browser,
    step,
    where_to,
)

_SECRET = "new_app"  # noqa: S105 - the name of a field


@accounts.route("/invitation/<token>", methods=["GET", "POST"])
def invitation(token: str) -> Page:
    account = find_invitation(services().engine, token, now())
    if account is None:
        return page("accounts/invitation_gone.html", 404)
    if request.method == "GET":
        return page("accounts/invitation.html", invited=account, name=account.name)
    name = " ".join(request.form.get("name", "").split())[:100]
    password = request.form.get("password", "")
    fault = password_fault(password, account.email, name)
    if fault or not name:
        return refused(_invitation_page(account, name, fault or ""))
    try:
        with place_to_hash() as place:
            stored = hashed(place, password)
    except TooBusy:
        return busy(_invitation_page(account, name, "busy"))
    with services().engine.begin() as connection:
        if not accept(connection, token, name, stored, now()):
            return page("accounts/invitation_gone.html", 404)
        end_sessions(connection, account.id)
    if not account.needs_code:
        return enter(account)
    half_way(account)
    return step("accounts.enrol")


def _invitation_page(account: Account, name: str, fault: str) -> str:
    return render_template("accounts/invitation.html", invited=account, name=name, fault=fault)


@accounts.route("/login/enrol", methods=["GET", "POST"])
def enrol() -> Page:
    account = half_way_account()
    if account is None or account.totp is not None:
        return step("accounts.login")
    if request.method == "POST":
        codes = _set_up(account)
        if isinstance(codes, list):
            let_in(account)
            return remember_browser(account, _codes_page(codes, where_to()))
        return codes
    return page("accounts/enrol.html", **_new_app(account))


@accounts.route("/account/authenticator", methods=["GET", "POST"], endpoint="authenticator")
@confirmed
def authenticator_app() -> Page:
    account = current_account()
    if request.method == "POST":
        codes = _set_up(account)
        if isinstance(codes, list):
            return _codes_page(codes, url_for("accounts.account"))
        return codes
    return page("accounts/enrol.html", renewed=True, **_new_app(account))


@accounts.post("/account/recovery-codes")
@confirmed
def recovery_codes() -> Page:
    with services().engine.begin() as connection:
        codes = new_recovery_codes(connection, current_account().id)
    return _codes_page(codes, url_for("accounts.account"))


def _set_up(account: Account) -> list[str] | Page:
    """Stores the new app when its code is right, ends all other sessions; the new recovery codes."""
    secret: str | None = session.get(_SECRET)
    seconds = throttle().claim([code_subject(account)], now())
    renewed = request.endpoint != "accounts.enrol"
    if seconds:
        body = render_template("accounts/enrol.html", wait=seconds, renewed=renewed, **_new_app(account))
        return waiting(body, Wait(seconds))
    used = authenticator().step_of(request.form.get("code", ""), secret, now()) if secret else None
    if used is None or secret is None:
        return refused(
            render_template("accounts/enrol.html", fault="wrong", renewed=renewed, **_new_app(account))
        )
    with services().engine.begin() as connection:
        connection.execute(
            update(tables.accounts)
            .where(tables.accounts.c.id == account.id)
            .values(totp=authenticator().seal(secret, account.id), totp_step=used)
        )
        codes = new_recovery_codes(connection, account.id)
        end_sessions(connection, account.id, but=current_session().key if renewed else None)
    throttle().forgive([code_subject(account)])
    session.pop(_SECRET, None)
    return codes


def _new_app(account: Account) -> dict[str, Any]:
    """The secret for a new app: as a picture, as text, as a link for the telephone the page is read on."""
    secret: str = session.setdefault(_SECRET, authenticator().new_secret())
    address = authenticator().address(secret, account)
    picture = segno.make(address, micro=False).svg_inline(scale=5, border=4, light="#fff")
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return {"picture": Markup(picture), "secret": groups, "address": address}  # noqa: S704 - squares of ours


def _codes_page(codes: list[str], onwards: str) -> Response:
    return page("accounts/recovery_codes.html", codes=codes, onwards=onwards)
