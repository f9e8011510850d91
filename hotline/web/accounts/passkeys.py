"""Passkeys on the pages: options in an attribute, the answer in a form field; a script carries them."""

from __future__ import annotations

import ipaddress
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from hotline.accounts.current import current_account, now, services
from hotline.accounts.passkeys import (
    Site,
    account_of_passkey,
    add_passkey,
    creation_options,
    request_options,
)
from hotline.accounts.passkeys import remove_passkey as remove
from hotline.accounts.security import throttle
from hotline.accounts.throttle import Subject
from hotline.storage.engine import reading
from hotline.web.accounts import accounts
from hotline.web.accounts.answers import Page, page, refused
from hotline.web.accounts.confirmed import confirmed
from hotline.web.accounts.steps import enter, step
from hotline.web.cookies import settings
from hotline.web.source import source

_CHALLENGE = "challenge"
_GOOD_FOR = timedelta(minutes=10)


def passkeys_work() -> bool:
    """A passkey belongs to a name; an address of four numbers has none."""
    try:
        ipaddress.ip_address(_site().host)
    except ValueError:
        return True
    return False


def login_options() -> str | None:
    """What a browser needs to offer its passkeys; None where there can be none."""
    return request_options(_site(), _new_challenge()) if passkeys_work() else None


@accounts.post("/login/passkey")
def passkey_login() -> Page:
    where = source()
    wait = throttle().claim([Subject("source", where)], now()) if where else 0
    challenge = None if wait else _challenge()
    found = None
    if challenge is not None:
        credential = request.form.get("credential", "")
        found = account_of_passkey(services().engine, credential, _site(), challenge, now())
    if found is None:
        return step("accounts.login")
    return enter(found)


@accounts.route("/account/passkey", methods=["GET", "POST"])
@confirmed
def passkey() -> Page:
    account = current_account()
    if not passkeys_work():
        return redirect(url_for("accounts.account"), 303)
    if request.method == "POST":
        name = " ".join(request.form.get("name", "").split())[:60] or "Passkey"
        challenge = _challenge()
        if challenge is not None and add_passkey(
            services().engine, account, name, request.form.get("credential", ""), _site(), challenge, now()
        ):
            return redirect(url_for("accounts.account"), 303)
        return refused(render_template("accounts/passkey.html", options=_creation_options(), fault="refused"))
    return page("accounts/passkey.html", options=_creation_options())


@accounts.post("/account/passkeys/<int:passkey_id>/remove")
@confirmed
def remove_passkey(passkey_id: int) -> Response:
    with services().engine.begin() as connection:
        remove(connection, current_account().id, passkey_id)
    return redirect(url_for("accounts.account"), 303)


def _creation_options() -> str:
    with reading(services().engine) as connection:
        return creation_options(connection, current_account(), _site(), _new_challenge())


def _new_challenge() -> bytes:
    challenge = secrets.token_bytes(32)
    session[_CHALLENGE] = [urlsafe_b64encode(challenge).decode(), now().isoformat()]
    return challenge


def _challenge() -> bytes | None:
    """The challenge that was given out here, once."""
    noted = session.pop(_CHALLENGE, None)
    if noted is None or now() - datetime.fromisoformat(noted[1]) > _GOOD_FOR:
        return None
    return urlsafe_b64decode(noted[0])


def _site() -> Site:
    found = settings(current_app)
    origin = f"http://{request.host}" if found.practice else found.public_url
    return Site(origin, urlsplit(origin).hostname or "")
