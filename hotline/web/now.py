"""The board: who answers, what goes on, what waits for somebody. It asks for itself every few seconds.

A look costs a few small queries; the part that follows from the roster is kept for a minute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast, get_args

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from hotline.accounts.current import account_or_none, current_account, services
from hotline.accounts.current import now as now_of_request
from hotline.calls.board import Latest, read_facts_of
from hotline.calls.following_up import Attempt, acknowledge, record_attempt
from hotline.services import Services
from hotline.web.board_words import BoardWords, ill, script_words
from hotline.web.oncall import OnCall, OnCallNow
from hotline.web.ops import run_checks
from routing.problems import Problem
from routing.wording import Language, sentence

now = Blueprint("now", __name__, template_folder="templates")

#: Who sees to alerts and promises; the others read along.
ACTS = frozenset({"advisor", "coordinator"})
_CHECKED_EVERY = 5.0
_ERRORS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Health:
    """The names of the checks that fail, and what is wrong with the roster's file."""

    failing: tuple[str, ...]
    refused: tuple[Problem, ...]
    unreadable: str


class Board:
    """What all who look at the board share in one process."""

    def __init__(self, hotline: Callable[[], Services]) -> None:
        self.on_call = OnCallNow()
        self.facts = Latest(lambda now: read_facts_of(hotline().engine, now))
        # As `/readyz` finds it, not older than a few seconds.
        self.health = Latest(lambda now: _health(hotline(), now), every=_CHECKED_EVERY)
        self._written: dict[str, tuple[OnCall, Markup]] = {}

    def written(self, on_call: OnCall, words: BoardWords) -> Markup:
        """The part of the board that follows from the roster: written once a minute in each language."""
        kept = self._written.get(words.language)
        if kept is None or kept[0] is not on_call:
            kept = on_call, Markup(render_template("now/on_call.html", on_call=on_call, words=words))  # noqa: S704
            self._written[words.language] = kept
        return kept[1]


def _health(hotline: Services, now: datetime) -> Health:
    checks = run_checks(hotline, now)
    force = hotline.roster_file.in_force
    failing = tuple(name for name, check in checks.items() if not check["ok"] and name != "roster")
    return Health(failing, force.refused, force.unreadable)


def install(app: Flask) -> None:
    app.extensions["board"] = Board(lambda: app.extensions["hotline"].services)
    app.register_blueprint(now)


@now.get("/")
def front() -> AnyResponse:
    account = account_or_none()
    if account is not None:
        return redirect(
            url_for("shifts.mine" if account.role == "advisor" and account.person else "now.board"), 302
        )
    practice = current_app.extensions["hotline"].settings.practice
    return redirect(url_for("practice.idle" if practice else "accounts.login"), 302)


@now.get("/now")
def board() -> Response:
    seen = _seen(wait=True)
    response = make_response(render_template("now/page.html", **seen, script_words=script_words()))
    response.headers["Cache-Control"] = "no-store"
    return response


@now.get("/now/board")
def fragment() -> Response:
    """The part of the page that changes; 304 when nothing on it did."""
    seen = _seen(wait=False)
    etag: str = seen["etag"]
    if request.if_none_match.contains(etag):
        response = Response(status=304)
    else:
        response = make_response(render_template("now/board.html", **seen))
    response.set_etag(etag)
    # Kept by nobody but the page's own script, which holds the ETag itself.
    response.headers["Cache-Control"] = "no-store"
    return response


@now.post("/now/alerts")
def see_to() -> AnyResponse:
    key = request.form.get("key", "")
    if not acknowledge(services().engine, key[:200], current_account().name, now_of_request()):
        flash(_("Somebody else saw to it before you."))
    return redirect(url_for("now.board", _anchor="alerts"), 303)


@now.post("/now/promises")
def call_back() -> AnyResponse:
    outcome = request.form.get("outcome", "")
    if outcome not in get_args(Attempt):
        abort(400)
    call, by = request.form.get("call", "")[:64], current_account().name
    if not record_attempt(services().engine, call, cast(Attempt, outcome), by, now_of_request()):
        flash(_("This promise was settled before."))
    return redirect(url_for("now.board", _anchor="promises"), 303)


def _seen(wait: bool) -> Mapping[str, Any]:
    """Everything on the board, and the ETag of all of it that can change but for the ages."""
    hotline, at = services(), now_of_request()
    shared: Board = current_app.extensions["board"]
    roster = hotline.roster_file.roster()
    instant = int(at.timestamp())
    on_call = shared.on_call.at(roster, instant) if roster is not None else None
    look = shared.facts.look(at, wait)
    health = shared.health.look(at).value or Health((), (), "")
    language, acts = str(get_locale()), current_account().role in ACTS
    since = look.at if look.fault else None
    everything = repr((language, acts, on_call, look.value, since, health))
    words = BoardWords(roster, language, instant) if roster is not None else None
    return {
        "etag": hashlib.sha256(everything.encode()).hexdigest()[:20],
        "words": words,
        "on_call": on_call,
        "on_call_written": lambda: shared.written(on_call, words) if on_call and words else "",
        "facts": look.value,
        "away": bool(look.fault),
        "away_since": since,
        "ill": [ill(name) for name in health.failing],
        "unreadable": health.unreadable,
        "refused": [
            (problem.line, sentence(problem, cast(Language, language)))
            for problem in health.refused[:_ERRORS_SHOWN]
        ],
        "more_refused": max(0, len(health.refused) - _ERRORS_SHOWN),
        "acts": acts,
        "at": at,
    }
