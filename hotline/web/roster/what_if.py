"""What if someone calls: whom a call on a line would ring at a moment, why they, and what ends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import make_response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as AnyResponse

from hotline.web.roster.blueprint import roster_pages
from hotline.web.roster.calendar import stretches_between
from hotline.web.roster.common import instant_now, language, moment_asked, page, roster_in_force, stamp
from hotline.web.roster.words import Words, holiday_name
from routing.hours import Opening, opening_at
from routing.ladder import LadderEnds, PassedOver, Place, Rung, next_rung
from routing.roster import Instant, Roster

_NOBODY: Mapping[str, Any] = {
    "away": _l("%(ring)s: away"),
    "off hours": _l("%(ring)s: outside its hours"),
    "not started": _l("%(ring)s: has not begun yet"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """One rung in words: who, for how long, why they, and who was passed over before them."""

    policy: str
    round: int
    name: str
    seconds: int
    why: str
    passed_over: str


@roster_pages.get("/what-if")
def what_if() -> AnyResponse:
    roster = roster_in_force()
    words = Words(roster, language())
    line = request.args.get("line", "") or next(iter(roster.lines))
    faults = (
        {}
        if line in roster.lines
        else {"line": _("There is no such line (any more). Choose one from the list.")}
    )
    line = line if line in roster.lines else next(iter(roster.lines))
    text = request.args.get("at", "")
    at = moment_asked(text, roster.zone) if text else instant_now() // 60 * 60
    if at is None:
        faults["at"] = _("This is no moment between 2001 and 2098. Choose a date and a time.")
        at = instant_now() // 60 * 60
    crisis = request.args.get("crisis", "yes") != "no"
    opening = opening_at(roster, line, at)
    rungs, ends = climb(roster, line, at, crisis=crisis)
    shown = page(
        "what_if.html",
        roster,
        line=line,
        at=at,
        typed=text or stamp(at, roster.zone),
        crisis=crisis,
        faults=faults,
        opening=opening_told(opening, at, line, words),
        policy=_policy(roster, line, opening, crisis=crisis),
        rungs=[_told(rung, at, roster, words) for rung in rungs],
        ends=_passed_over(ends.passed_over),
    )
    return make_response(shown, 422 if faults else 200)


def climb(roster: Roster, line: str, at: Instant, *, crisis: bool) -> tuple[list[Rung], LadderEnds]:
    """Every rung a call would climb if nobody answered, and what was passed over at its end.

    Outside office hours what is no crisis rings nobody.
    """
    policy = _policy(roster, line, opening_at(roster, line, at), crisis=crisis)
    if not policy:
        return [], LadderEnds()
    rungs: list[Rung] = []
    found = next_rung(roster, Place(policy), at)
    while isinstance(found, Rung):
        rungs.append(found)
        found = next_rung(roster, found.place, at)
    return rungs, found


def _policy(roster: Roster, line: str, opening: Opening, *, crisis: bool) -> str:
    """The policy of such a call; "" for none."""
    if crisis:
        return roster.lines[line].closed
    return opening.policy if opening.open else ""


def opening_told(opening: Opening, at: Instant, line: str, words: Words) -> str:
    """Open or closed, why, and until when."""
    if opening.why == "holiday":
        country = words.roster.lines[line].holidays.country or ""
        state = _(
            "Closed: %(holiday)s",
            holiday=holiday_name(words.day(at), country, words.language) or _("a holiday"),
        )
    else:
        state = {
            "hours": _("Open: office hours"),
            "off hours": _("Closed: outside office hours"),
            "closed": _("Closed: a date of the line's own"),
        }[opening.why]
    if opening.until is None:
        return state
    return _("%(state)s, until %(until)s", state=state, until=words.moment(opening.until))


def _told(rung: Rung, at: Instant, roster: Roster, words: Words) -> Told:
    place = rung.place
    why = _why(rung, at, roster, words)
    return Told(
        place.policy, place.round, words.name(rung.person), rung.seconds, why, _passed_over(rung.passed_over)
    )


def _why(rung: Rung, at: Instant, roster: Roster, words: Words) -> str:
    if rung.why == "override":
        stretch = stretches_between(roster, rung.ring, at, at + 1)[0]
        reason = f": {stretch.override.reason}" if stretch.override and stretch.override.reason else ""
        if stretch.base is None or stretch.base == rung.person:
            return _("%(ring)s: added there by hand", ring=rung.ring) + reason
        return _("%(ring)s: takes over from %(name)s", ring=rung.ring, name=words.name(stretch.base)) + reason
    if rung.why == "named":
        return _("named in the policy itself")
    return _("%(ring)s: it is their turn", ring=rung.ring)


def _passed_over(passed: tuple[PassedOver, ...]) -> str:
    return ", ".join(str(_NOBODY.get(each.why, each.ring)) % {"ring": each.ring} for each in passed)
