"""My telephone number: a new one counts once its phone was called and keyed in what the page shows."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline.calls.phone_checks import PhoneCheckStarted
from hotline.roster.edits import SetPerson
from hotline.roster.refusals import EditRefused
from hotline.roster.results import Saved
from hotline.web.shifts.blueprint import shifts
from hotline.web.shifts.here import Here, Page, here
from hotline.web.shifts.saving import faults_of, save, sentence_for
from routing.numbers import E164, Refusal, subscriber_number

#: A number keyed in longer ago than this is called again.
_COUNTS_FOR = timedelta(hours=1)


@shifts.get("/number")
def number() -> Page:
    return _page(here(), "", {})


@shifts.post("/number")
def call_number() -> Page:
    """Checks what was typed, and has the phone called."""
    found = here()
    typed = request.form.get("number", "")[:60]
    wanted = subscriber_number(typed)
    fault = _fault(found, wanted)
    if fault or isinstance(wanted, Refusal):
        return _page(found, typed, {"number": fault}, 422)
    started = found.hotline.phone_checks.start(found.person().id, wanted, found.now)
    if not isinstance(started, PhoneCheckStarted):
        again = found.words.when(started.again_at)
        return _page(
            found, typed, {"number": _("Enough calls for now. Try again at %(time)s.", time=again)}, 429
        )
    return _waiting(found, wanted, started.code)


@shifts.post("/number/confirm")
def confirm_number() -> Page | Response:
    """Takes the number over once its phone has proved to be in hand."""
    found = here()
    me = found.person()
    wanted, code = request.form.get("number", "")[:20], request.form.get("code", "")[:12]
    if not E164.fullmatch(wanted):
        return _page(found, "", {"number": _("Fill in the number once more.")}, 422)
    verified = found.hotline.phone_checks.state(me.id, wanted).verified_at
    if verified is None or found.now - verified > _COUNTS_FOR:
        return _waiting(found, wanted, code, again=True, status=409)
    try:
        result = save(found, [SetPerson(me.id, phone=wanted)], "")
    except EditRefused as refused:
        return _page(found, wanted, faults_of(refused, found, {"phone": "number"}), 422)
    message, status = sentence_for(result, found)
    if not isinstance(result, Saved):
        return _waiting(found, wanted, code, message=message, status=status)
    flash(_("Your new number counts from now on."))
    return redirect(url_for("shifts.number"), 303)


def _fault(found: Here, wanted: str | Refusal) -> str:
    match wanted:
        case Refusal.SERVICE:
            return _(
                "This is a service number: only an ordinary telephone can be rung. Fill in your own number."
            )
        case Refusal.SHORT:
            return _("This number is too short. Write it with its country, as in +31 and the rest without 0.")
        case Refusal():
            return _(
                "This is not a telephone number. Write it with its country, as in +31 and the rest without 0."
            )
    if wanted == found.person().phone:
        return _("This is your number already. Fill in the new one.")
    if any(person.phone == wanted for person in found.roster.people.values()):
        return _("This number is somebody else's. Fill in your own.")
    if any(line.number == wanted for line in found.roster.lines.values()):
        return _("This is the helpdesk's own number. Fill in your own.")
    return ""


def _page(found: Here, typed: str, faults: dict[str, str], status: int = 200) -> Page:
    me = found.person()
    state = found.hotline.phone_checks.state(me.id, me.phone)
    return found.page("number.html", status, typed=typed, faults=faults, tested_at=state.tested_at)


def _waiting(
    found: Here, wanted: str, code: str, again: bool = False, message: str = "", status: int = 200
) -> Page:
    return found.page("number_called.html", status, wanted=wanted, code=code, again=again, message=message)
