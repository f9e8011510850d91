"""`/shifts`: am I on, until when, who is behind me, who relieves me; what comes; what colleagues offer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from hotline.roster.edits import span_key
from hotline.swaps import Offer
from hotline.web.shifts.blueprint import shifts
from hotline.web.shifts.here import Here, Page, ShiftWords, here
from routing.candidates import Candidate, candidates
from routing.duty import Shift, duty_at
from routing.standby import Standing, behind, shifts_of, standing_at
from routing.walltime import DAY

#: How far ahead my shifts are listed; the calendar's address has more.
AHEAD = 60 * DAY
_MOST = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A shift to come, or one that runs, and my offer of it or of a part of it."""

    shift: Shift
    begun: bool
    offers: tuple[Offer, ...]


@shifts.get("")
def mine() -> Page:
    return my_page(here())


def my_page(found: Here, status: int = 200, message: str = "") -> Page:
    """My shifts, with a message above them."""
    return found.page("mine.html", status, message=message, **_seen(found))


def _seen(found: Here) -> Mapping[str, Any]:
    roster, at, me = found.roster, found.at, found.me
    offers = found.swaps.open_offers(roster, at)
    if me is None:
        return {"offered": offers}
    others = [(offer, why_not(fit(found, offer), found.words)) for offer in offers if offer.person != me.id]
    return {
        "on": _on(found),
        "behind": behind(roster, me.id, at),
        "key_of": span_key,
        "away": next((span for span in me.away if span.start <= at < span.end), None),
        "shifts": _listed(found),
        "mine": found.swaps.of_person(me.id, at),
        "takeable": [offer for offer, why in others if not why],
        "unfit": [(offer, why) for offer, why in others if why],
    }


def _on(found: Here) -> list[Standing]:
    """The rotations I am on call for now."""
    me = found.person().id
    rotations = [
        name for name in found.roster.rotations if duty_at(found.roster, name, found.at).person == me
    ]
    return [standing_at(found.roster, name, found.at) for name in rotations]


def _listed(found: Here) -> list[Listed]:
    me, at = found.person(), found.at
    offers = found.swaps.of_person(me.id, at)
    return [
        Listed(
            shift,
            shift.start <= at,
            tuple(
                offer
                for offer in offers
                if offer.rotation == shift.rotation and offer.start < shift.end and shift.start < offer.end
            ),
        )
        for shift in shifts_of(found.roster, me.id, at, at + AHEAD)[:_MOST]
    ]


def fit(found: Here, offer: Offer) -> Candidate | None:
    """How I would do for what is left of it; None when I am on call there already."""
    start, me = max(offer.start, found.at), found.person().id
    others = candidates(found.roster, offer.rotation, start, offer.end)
    return next((each for each in others if each.person == me), None)


def why_not(fit: Candidate | None, words: ShiftWords) -> str:
    """What stands in the way of taking it, in a sentence; "" when nothing does."""
    if fit is None:
        return _("You are on call there already.")
    if fit.away:
        return _("You are away then.")
    if fit.busy:
        span = words.span(fit.busy[0].start, fit.busy[0].end)
        return _("You are on call for %(rotation)s then: %(span)s.", rotation=fit.busy[0].rotation, span=span)
    if fit.breaks:
        return _("It would leave you less rest than the law asks for (Arbeidstijdenwet art. 5:9).")
    if fit.lacks:
        spoken = ", ".join(words.spoken(language) for language in fit.lacks)
        return _("It takes somebody who speaks %(languages)s.", languages=spoken)
    return ""
