"""The practice phones in a browser: dial as a caller, pick up as an advisor, read why each was rung.

Pages and forms work without a script. With one, the page asks for itself again and again, and is sent
only when something on it changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import get_locale
from werkzeug.wrappers import Response as AnyResponse

from hotline.practice.decisions import decisions
from hotline.practice.dialling import DialFaults, DialForm, dial, read_form
from hotline.practice.guard import refuse_strangers
from hotline.practice.handsets import advisor_handsets, call_lines, caller_handset, clock_of
from hotline.practice.moments import moments
from hotline.practice.network import PracticeProvider
from hotline.practice.record import Told, told_of
from hotline.practice.words import Words
from hotline.services import Services
from routing.roster import Roster
from simulator.channels import Call
from simulator.phones import BEHAVIOURS

pages = Blueprint("practice", __name__, template_folder="templates")
pages.before_request(refuse_strangers)

_KEYS = frozenset("0123456789*#")


def _hotline() -> Services:
    found: Services = current_app.extensions["hotline"].services
    return found


def _provider() -> PracticeProvider:
    found: PracticeProvider = current_app.extensions["practice"]
    return found


def _roster() -> Roster:
    roster = _hotline().roster_file.roster()
    if roster is None:
        abort(503)
    return roster


@pages.get("/practice")
def idle() -> Response:
    return _page(None, Told((), None, None), DialForm(), DialFaults())


@pages.get("/practice/calls")
def no_call() -> AnyResponse:
    return redirect(url_for("practice.idle"), 302)


@pages.get("/practice/calls/<sid>")
def call(sid: str) -> Response:
    told = told_of(_hotline(), sid)
    found = _call(sid)
    if found is None and not told.events:
        abort(404)
    return _page(found, told, DialForm(), DialFaults())


@pages.post("/practice/calls")
def begin() -> AnyResponse:
    filled = read_form(request.form)
    begun = dial(_provider(), _roster(), filled, _now())
    if isinstance(begun, DialFaults):
        page = _page(None, Told((), None, None), filled, begun)
        page.status_code = 422
        return page
    return redirect(url_for("practice.call", sid=begun), 303)


@pages.post("/practice/calls/<sid>/<act>")
def act_as_caller(sid: str, act: str) -> AnyResponse:
    found = _call(sid)
    if found is None:
        abort(404)
    match act:
        case "press":
            _provider().network.press(found, _key())
        case "hang-up":
            _provider().network.hang_up(found)
        case _:
            abort(404)
    return redirect(url_for("practice.call", sid=sid), 303)


@pages.post("/practice/phones/<person>/<act>")
def act_as_advisor(person: str, act: str) -> AnyResponse:
    network = _provider().network
    found = _roster().people.get(person)
    if found is None or found.phone not in network.phones:
        abort(404)
    match act:
        case "pick-up":
            network.answer(found.phone)
        case "press":
            network.press(found.phone, _key())
        case "hang-up":
            network.hang_up(found.phone)
        case "behaviour":
            network.add_phone(found.phone, BEHAVIOURS[_behaviour()])
        case _:
            abort(404)
    shown = request.form.get("shown", "")
    return redirect(url_for("practice.call", sid=shown) if _call(shown) else url_for("practice.idle"), 303)


def _key() -> str:
    key = request.form.get("key", "")
    if key not in _KEYS:
        abort(400)
    return key


def _behaviour() -> str:
    word = request.form.get("behaviour", "")
    if word not in BEHAVIOURS:
        abort(400)
    return word


def _call(sid: str) -> Call | None:
    return next((call for call in _provider().network.calls if call.sid == sid), None)


def _now() -> int:
    return int(datetime.now(UTC).timestamp())


def _page(shown: Call | None, told: Told, filled: DialForm, faults: DialFaults) -> Response:
    roster, language = _roster(), str(get_locale())
    words = Words(roster, language)
    seen = _seen(shown, told, filled, faults, roster, words)
    etag = hashlib.sha256(repr((seen, language, roster.version)).encode()).hexdigest()[:20]
    if request.if_none_match.contains(etag):
        return Response(status=304, headers={"ETag": f'"{etag}"'})
    clock = clock_of(_provider().network, shown)
    page = render_template(
        "practice/page.html", **seen, words=words, clock=clock, speed=_provider().speed, etag=etag
    )
    response = make_response(page)
    response.set_etag(etag)
    return response


def _seen(
    shown: Call | None, told: Told, filled: DialForm, faults: DialFaults, roster: Roster, words: Words
) -> Mapping[str, Any]:
    """Everything on the page that can change, but for the clock."""
    network = _provider().network
    caller = caller_handset(network, shown) if shown is not None else None
    line = next((line for line in roster.lines.values() if caller and line.number == caller.number), None)
    line = line or next(iter(roster.lines.values()))
    advisors = advisor_handsets(network, roster, line.id, caller.began_at if caller else _now())
    calls = call_lines(network)
    return {
        "sid": shown.sid if shown is not None else "",
        "caller": caller,
        "advisors": advisors,
        "log": decisions(told.events, roster, words.language),
        "record": told.overview if caller is None or caller.state == "over" else None,
        "suggested": told.suggested_case,
        "calls": calls,
        "going_on": any(call.state != "over" for call in calls) or any(a.state != "idle" for a in advisors),
        "lines": list(roster.lines.values()),
        "moments": [(moment.key, words.moment(moment, line)) for moment in moments(roster, line, _now())],
        "filled": filled,
        "faults": faults,
        "version": roster.version,
        "wrong": [
            str(error.message)
            for error in network.errors
            if shown is not None and error.call_sid == shown.sid
        ],
    }
