"""The roster's calendar, and what tells an open page that another roster is in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from hotline.web.roster.blueprint import roster_pages
from hotline.web.roster.calendar import make_calendar
from hotline.web.roster.common import (
    instant_now,
    language,
    may_edit,
    number_asked,
    page,
    roster_in_force,
    state_of,
    store,
)
from hotline.web.roster.period import Period, read_period
from hotline.web.roster.words import Words
from routing.roster import Roster


@roster_pages.get("")
def calendar() -> str:
    roster, now = roster_in_force(), instant_now()
    period = read_period(request.args, now, roster.zone)
    return page(
        "calendar.html",
        roster,
        period=period,
        weeks=make_calendar(roster, period, now),
        said=_said(roster),
        heading=_heading(period, Words(roster, language())),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What was just saved; `undo` while nothing was saved after it."""

    lines: tuple[str, ...]
    undo: bool


def _said(roster: Roster) -> Said | None:
    """What the version changed that the address names as just saved."""
    sequence = number_asked("saved")
    if sequence is None:
        return None
    try:
        version = store().version(sequence)
    except SQLAlchemyError:
        return None
    if version is None:
        return None
    return Said(version.words[language()], version.version == roster.version and may_edit())


def _heading(period: Period, words: Words) -> str:
    """What the calendar shows, in words."""
    if period.view == "month":
        return words.date(period.on, "MMMM y")
    last = period.last - timedelta(days=1)
    first = words.date(period.first, "d" if period.first.month == last.month else "d MMMM")
    return f"{first} – {words.date(last, 'd MMMM y')}"


@roster_pages.get("/state/<known>")
def state(known: str) -> Response:
    """204 while the roster and what is wrong with its file are what the page knows."""
    found = state_of(store())
    return Response(
        status=204 if found == known else 200,
        headers={"HX-Trigger": "roster-changed"} if found != known else {},
    )
