"""Who may enter where: one table for all routes, and the guard that keeps it. What is not in it is closed."""

from __future__ import annotations

import re
from enum import Enum
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from hotline.accounts.current import account_or_none
from hotline.accounts.models import ROLES, Role
from hotline.web.cookies import WITHOUT_SESSION, settings

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class Door(Enum):
    """Who enters without an account."""

    PUBLIC = "a page anybody may ask for"
    SIGNED = "a webhook: whoever signs like the provider"
    FEED = "a secret address: whoever knows it"
    PRACTICE = "practice mode: a browser on this machine, on a page that we served"
    OPEN = "files, recordings, health and figures: anybody, by any name of this host"


Who = Door | frozenset[Role]

ANY_ACCOUNT: frozenset[Role] = frozenset(ROLES)

#: Who has alerts and promises to see to.
ON_DUTY: frozenset[Role] = frozenset({"advisor", "coordinator"})

#: Who may be on the roster, and so has shifts.
ROSTERED: frozenset[Role] = frozenset({"advisor", "coordinator", "admin"})

#: Who makes the roster.
EDITORS: frozenset[Role] = frozenset({"coordinator", "admin"})

#: Every endpoint. A new one that is not added here answers 403 to everybody.
ACCESS: dict[str, Who] = {
    "accounts.account": ANY_ACCOUNT,
    "accounts.authenticator": ANY_ACCOUNT,
    "accounts.code": Door.PUBLIC,
    "accounts.confirm": ANY_ACCOUNT,
    "accounts.end_other_sessions": ANY_ACCOUNT,
    "accounts.end_session": ANY_ACCOUNT,
    "accounts.enrol": Door.PUBLIC,
    "accounts.invitation": Door.PUBLIC,
    "accounts.login": Door.PUBLIC,
    "accounts.logout": ANY_ACCOUNT,
    "accounts.passkey": ANY_ACCOUNT,
    "accounts.passkey_login": Door.PUBLIC,
    "accounts.password": ANY_ACCOUNT,
    "accounts.recovery_codes": ANY_ACCOUNT,
    "accounts.remove_passkey": ANY_ACCOUNT,
    "accounts.session_left": ANY_ACCOUNT,
    "assets.serve": Door.OPEN,
    "duty.checkin": Door.SIGNED,
    "duty.checkin_key": Door.SIGNED,
    "duty.phone_check": Door.SIGNED,
    "duty.phone_check_key": Door.SIGNED,
    "feeds.calendar": Door.FEED,
    "now.board": ANY_ACCOUNT,
    "now.call_back": ON_DUTY,
    "now.fragment": ANY_ACCOUNT,
    # Leads everybody to their own first page.
    "now.front": Door.PUBLIC,
    "now.see_to": ON_DUTY,
    "ops.healthz": Door.OPEN,
    # Kept from the outside by the proxy in front (see the README).
    "ops.metrics": Door.OPEN,
    "ops.readyz": Door.OPEN,
    # Only there in practice mode, and only for this machine.
    "demo.enter_as": Door.PUBLIC,
    "practice.act_as_advisor": Door.PRACTICE,
    "practice.act_as_caller": Door.PRACTICE,
    "practice.begin": Door.PRACTICE,
    "practice.call": Door.PRACTICE,
    "practice.idle": Door.PRACTICE,
    "practice.no_call": Door.PRACTICE,
    "roster.absence": EDITORS,
    "roster.away": EDITORS,
    "roster.calendar": ROSTERED,
    "roster.cover": EDITORS,
    "roster.discard": EDITORS,
    "roster.dismiss_kept": EDITORS,
    "roster.fairness": ANY_ACCOUNT,
    "roster.fairness_table": ANY_ACCOUNT,
    "roster.history": EDITORS,
    "roster.override": EDITORS,
    "roster.restore": EDITORS,
    "roster.state": ROSTERED,
    "roster.swap": EDITORS,
    "roster.undo": EDITORS,
    "roster.use_kept": EDITORS,
    "roster.version": EDITORS,
    "roster.what_if": ROSTERED,
    "shell.choose_language": Door.PUBLIC,
    "shifts.absence": ROSTERED,
    "shifts.calendar": ROSTERED,
    "shifts.call_number": ROSTERED,
    "shifts.change_details": ROSTERED,
    "shifts.confirm_number": ROSTERED,
    "shifts.details": ROSTERED,
    "shifts.end_absence": ROSTERED,
    "shifts.go_away": ROSTERED,
    "shifts.mine": ROSTERED,
    "shifts.new_calendar": ROSTERED,
    "shifts.number": ROSTERED,
    "shifts.offer": ROSTERED,
    "shifts.offer_form": ROSTERED,
    "shifts.offered": ROSTERED,
    "shifts.plan_absence": ROSTERED,
    "shifts.revoke_calendar": ROSTERED,
    "shifts.take": ROSTERED,
    "shifts.unreachable": ROSTERED,
    "shifts.withdraw": ROSTERED,
    "voice.incoming": Door.SIGNED,
    "voice.leg": Door.SIGNED,
    "voice.question": Door.SIGNED,
    "voice.recording": Door.OPEN,
    "voice.ring": Door.SIGNED,
    "voice.screen": Door.SIGNED,
    "voice.screen_key": Door.SIGNED,
    "voice.status": Door.SIGNED,
}


def install(app: Flask) -> None:
    """Puts the guard before every request, so before whatever is registered later."""
    app.before_request(guard)


def guard() -> AnyResponse | None:
    """Lets pass who may enter; the answer otherwise, or an abort with 400, 403 or 415."""
    who = ACCESS.get(request.endpoint or "")
    if who in (Door.SIGNED, Door.OPEN):
        return None
    if request.endpoint is None and request.path.startswith(WITHOUT_SESSION):
        return None  # nothing there: the router says so, as to a machine
    refuse_other_names()
    if request.endpoint is None:
        return None
    refuse_other_sites()
    if who is None:
        abort(403)
    refusal = None if isinstance(who, Door) else _ask_for(who)
    if refusal is None and who is not Door.PRACTICE:
        current_app.extensions["csrf"].protect()
    return refusal


def _ask_for(roles: frozenset[Role]) -> AnyResponse | None:
    account = account_or_none()
    if account is None:
        return to_login()
    if account.role not in roles:
        abort(403)
    return None


def to_login() -> AnyResponse:
    """To the log-in page, and from there back to the page that was asked for."""
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    address = url_for("accounts.login", next=None if back in (None, "/") else back)
    if "HX-Request" in request.headers:
        # A part of a page asked: the whole page has to go.
        return Response(status=401, headers={"HX-Redirect": url_for("accounts.login")})
    return redirect(address, 303)


def refuse_other_names() -> None:
    """A page is only served by the name it is known by: links and cookies would be another's otherwise."""
    found = settings(current_app)
    ours = {urlsplit(found.public_url).hostname} | (_LOOPBACK if found.practice else set())
    if _hostname(request.host) not in ours:
        abort(400)


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def refuse_other_sites() -> None:
    """What changes something comes from a form of ours: not from another site, not in another shape."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        abort(403)
    found = settings(current_app)
    ours = f"http://{request.host}" if found.practice else found.public_url
    if request.headers.get("Origin", ours) != ours:
        abort(403)
    if request.content_length and request.mimetype not in _FORMS:
        abort(415)


def local_path(text: str) -> str:
    """The path, when it leads to a page of ours; otherwise the front page."""
    # A browser takes a second slash, or a backslash, for the beginning of another host's name.
    ours = re.fullmatch(r"/(?![/\\])[^\\]*", text) is not None and text.isprintable()
    return text if ours else "/"
