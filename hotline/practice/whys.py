"""The reasons that are stored with a call's events, in sentences for people, in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import holidays
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from routing.roster import Roster

# What `routing.call` writes, part by part. "" says nothing that does not stand beside it already.
_PHRASES: tuple[tuple[str, Any], ...] = (
    (r"the line has several languages", _l("The line has several languages.")),
    (r"the line has one language", _l("The line has one language.")),
    (r"no language chosen", _l("No language was chosen: the first one of the line.")),
    (
        r"pressed (?P<keys>\S+), which is no language",
        _l("The caller pressed %(keys)s, which is no language."),
    ),
    (r"pressed (?P<keys>\S+), which is no choice", _l("The caller pressed %(keys)s, which is no choice.")),
    (r"pressed 1: crisis", _l("The caller pressed 1: a crisis.")),
    (r"pressed 2: advice in office hours", _l("The caller pressed 2: advice, in office hours.")),
    (r"pressed 3: a tip", _l("The caller pressed 3: information about a perpetrator.")),
    (r"pressed (?P<keys>\S+)", _l("The caller pressed %(keys)s.")),
    (r"open: hours", _l("Open: office hours.")),
    (r"closed: off hours", _l("Closed: outside office hours.")),
    (r"closed: closed", _l("Closed: this date is marked as closed.")),
    (r"silence", _l("The caller pressed nothing.")),
    (r"silence twice: taken for a crisis", _l("Nothing was pressed, twice: taken for a crisis.")),
    (
        r"pressed (?P<keys>\S+), which is no choice twice: taken for a crisis",
        _l("A wrong key, twice: taken for a crisis."),
    ),
    (r"not reached", ""),
    (r"talked", ""),
    (r"nobody answered", _l("The ladder has ended, and nobody answered.")),
    (r"nobody on call", _l("Nobody is on call.")),
    (r"rung too often", _l("It has rung too often in this call.")),
    (
        r"the policy is gone from the roster, its successor begins",
        _l("The roster has changed: its new policy begins."),
    ),
    (r"joined, but nobody pressed 1", _l("Somebody was on the line, but nobody pressed 1.")),
    (
        r"nobody pressed 1, and the caller stayed on the line",
        _l("Nobody had pressed 1, and the caller stayed on the line."),
    ),
    (r"did not ask to be reconnected", _l("The caller did not ask to be reconnected.")),
    (r"cut off: the same advisor first", _l("The caller was cut off: the same advisor first.")),
    (r"cut off", _l("The caller was cut off.")),
    (
        r"call back on the number the caller calls from",
        _l("The caller wants to be called back on the number they call from."),
    ),
    (r"call back on another number", _l("The caller wants to be called back on another number.")),
    (r"no call-back wanted", _l("The caller does not want to be called back.")),
    (r"a number that can be called back", _l("This number can be called back.")),
    (
        r"not a number that can be called back(?:, \d times)?",
        _l("This is not a number that can be called back."),
    ),
    (r"silence, \d times", _l("The caller pressed nothing, again and again.")),
    (r"the number read back is right", _l("The number that was read back is right.")),
    (
        r"the number read back is not confirmed(?:, \d times)?",
        _l("The number that was read back was not confirmed."),
    ),
    (r"no roster was ever read", _l("There is no roster.")),
    (r"no line of the roster has this number", _l("No line of the roster has this number.")),
)

_RUNGS: Mapping[str, Any] = {
    "turn": _l("Their turn in %(ring)s."),
    "override": _l("Takes over in %(ring)s."),
    "named": _l("Named in the policy itself."),
    "again": _l("The advisor the caller spoke with before."),
}

_NOBODY: Mapping[str, Any] = {
    "away": _l("%(ring)s (away)"),
    "off hours": _l("%(ring)s (outside its hours)"),
    "not started": _l("%(ring)s (not begun yet)"),
}


def sentences(why: str, day: date, country: str | None, language: str) -> list[str]:
    """A stored reason as sentences; one that is not known stands as it is. `day`: the date on the wall."""
    return [text for part in why.split("; ") if (text := _sentence(part, day, country, language))]


def _sentence(part: str, day: date, country: str | None, language: str) -> str:
    if part == "closed: holiday":
        name = holiday_name(day, country, language)
        return str(_("Closed: %(holiday)s.", holiday=name) if name else _("Closed: a public holiday."))
    for pattern, phrase in _PHRASES:
        found = re.fullmatch(pattern, part)
        if found is not None:
            return str(phrase) % found.groupdict()
    return part


def holiday_name(day: date, country: str | None, language: str) -> str:
    """The name of a public holiday in the language; "" for a day that has none."""
    if not country:
        return ""
    spoken = {"en": "en_US"}.get(language, language)
    name: str = holidays.country_holidays(country, years=day.year, language=spoken).get(day) or ""
    return name


def rung_sentence(ring: str, why: str) -> str:
    """Why this person stands on this rung."""
    return str(_RUNGS[why]) % {"ring": ring} if why in _RUNGS else f"{ring}: {why}"


def passed_over_sentence(names: Iterable[tuple[str, str]]) -> str:
    """Who was passed over, and why; "" for nobody."""
    told = [
        str(_NOBODY[why]) % {"ring": ring} if why in _NOBODY else f"{ring} ({why})" for ring, why in names
    ]
    return str(_("Passed over: %(names)s.", names=", ".join(told))) if told else ""


def name_of(roster: Roster | None, person: str) -> str:
    """What colleagues call them; the id of somebody who has left the roster."""
    found = roster.people.get(person) if roster else None
    return found.name if found else person
