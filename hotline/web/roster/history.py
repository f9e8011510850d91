"""Every version of the roster: who, when, why and what it changed; going back to one; undoing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import abort, make_response, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from hotline.roster.results import Conflict, Result, Version
from hotline.web.roster.blueprint import roster_pages
from hotline.web.roster.calendar import make_calendar
from hotline.web.roster.common import (
    NUMBER,
    author,
    instant_now,
    language,
    now,
    number_asked,
    page,
    roster_in_force,
    store,
)
from hotline.web.roster.period import Period, read_day
from hotline.web.roster.results import Faults, conflict_page, faults_of_result, saved_page
from hotline.web.roster.told import tell
from hotline.web.roster.words import Words
from routing.effects import effects
from routing.reading import read_roster
from routing.roster import Roster
from routing.walltime import DAY, day_of

_PAGE = 20
_RECKONED = 60 * DAY
_WEEKS = 2


@roster_pages.get("/history")
def history() -> AnyResponse:
    roster = roster_in_force()
    before = number_asked("before")
    try:
        versions, away = store().history(limit=_PAGE + 1, before=before), False
    except SQLAlchemyError:
        versions, away = [], True
    text = page(
        "history.html",
        roster,
        versions=versions[:_PAGE],
        older=versions[_PAGE - 1].sequence if len(versions) > _PAGE else None,
        newest=before is None,
        away=away,
        kept=[] if away else store().conflicts(),
    )
    return make_response(text, 503 if away else 200)


@roster_pages.get(f"/history/<{NUMBER}:sequence>")
def version(sequence: int) -> AnyResponse:
    return _version_page(sequence, {}, 200)


@roster_pages.post(f"/history/<{NUMBER}:sequence>/restore")
def restore(sequence: int) -> AnyResponse:
    result = store().restore(sequence, base_version=_base(), author=author(), why=_why(), now=now())
    again = url_for("roster.restore", sequence=sequence)
    return _answer(result, lambda faults: _version_page(sequence, faults, 422), again)


@roster_pages.post("/undo")
def undo() -> AnyResponse:
    result = store().undo(base_version=_base(), author=author(), why=_why(), now=now())
    return _answer(result, lambda faults: _ask_again(_("Undo the last change"), faults))


@roster_pages.post("/refused/discard")
def discard() -> AnyResponse:
    """The version in force is put back over a file that is refused."""
    result = store().discard_refused(author=author(), now=now())
    return _answer(result, lambda faults: _ask_again(_("Put back the version in force"), faults))


@roster_pages.post(f"/conflicts/<{NUMBER}:kept>/use")
def use_kept(kept: int) -> AnyResponse:
    """A hand edit that lost against the page is put in force after all."""
    result = store().use_conflict(kept, base_version=_base(), author=author(), why=_why(), now=now())
    return _answer(result, lambda faults: _ask_again(_("Put this hand edit in force"), faults))


@roster_pages.post(f"/conflicts/<{NUMBER}:kept>/dismiss")
def dismiss_kept(kept: int) -> AnyResponse:
    store().dismiss_conflict(kept, now())
    return redirect(url_for("roster.history"), 303)


def _base() -> str:
    return request.form.get("base", "")


def _why() -> str:
    return request.form.get("why", "").strip()


def _answer(result: Result, again: Callable[[Faults], AnyResponse], on_top: str = "") -> AnyResponse:
    """The calendar where it was saved; otherwise what stands in the way. `on_top`: where to try anew."""
    if isinstance(result, Conflict):
        return conflict_page(on_top, {"why": _why()}, result)
    faults = faults_of_result(result, Words(roster_in_force(), language()))
    return again(faults) if faults else saved_page(result, read_day(request.form.get("on", "")))


def _ask_again(title: str, faults: Faults) -> AnyResponse:
    """A small form for the reason that is asked for."""
    kept = {name: text for name, text in request.form.items() if name not in ("csrf_token", "why")}
    text = page("again.html", roster_in_force(), title=title, faults=faults, kept=kept, why=_why())
    return make_response(text, 422)


def _version_page(sequence: int, faults: Faults, status: int) -> AnyResponse:
    roster = roster_in_force()
    try:
        found = store().version(sequence)
    except SQLAlchemyError:
        abort(503)
    if found is None:
        abort(404)
    text = page(
        "version.html",
        roster,
        version=found,
        in_use=found.version == roster.version,
        **_going_back(found, roster),
        faults=faults,
        why=_why(),
    )
    return make_response(text, status)


def _going_back(found: Version, roster: Roster) -> Mapping[str, Any]:
    """What going back to a version would do, in words and in the weeks in which it begins to show.

    Nothing when it is in force, or would be refused today.
    """
    other = read_roster(found.text.encode()).roster
    if other is None or found.version == roster.version:
        return {"told": None, "weeks": []}
    at = instant_now()
    effect = effects(roster, other, at, at + _RECKONED, at)
    starts = [
        each.start for part in (effect.gained, effect.lost) for found in part.values() for each in found
    ]
    today = day_of(roster.zone.wall(at))
    first = day_of(roster.zone.wall(min(starts, default=at)))
    period = Period("week", "rotation", first, today, length=_WEEKS)
    return {
        "told": tell(effect, Words(roster, language()), language()),
        "weeks": make_calendar(other, period, at, roster) if starts else [],
    }
