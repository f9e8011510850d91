"""Who could take over, with the reasons in words."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from hotline.web.roster.words import Words
from routing.candidates import Candidate, candidates
from routing.roster import Instant, Roster
from routing.walltime import HOUR


@dataclass(frozen=True, slots=True)
class Suggestion:
    person: str
    name: str
    fit: bool
    reasons: tuple[str, ...]

    @property
    def why(self) -> str:
        return ", ".join(self.reasons)


def suggest(roster: Roster, rotation: str, start: Instant, end: Instant, words: Words) -> list[Suggestion]:
    """Everybody who could be asked, the fittest first; nobody for a span or rotation that is none."""
    if end <= start or rotation not in roster.rotations:
        return []
    return [
        Suggestion(each.person, words.name(each.person), each.fit, tuple(_reasons(each, words)))
        for each in candidates(roster, rotation, start, end)
    ]


def _reasons(each: Candidate, words: Words) -> list[str]:
    reasons = []
    if each.away:
        reasons.append(_("is away then"))
    reasons += [
        _("has %(rotation)s then, %(span)s", rotation=shift.rotation, span=words.span(shift.start, shift.end))
        for shift in each.busy[:1]
    ]
    if not (each.away or each.busy):
        reasons.append(_("free"))
    if "rest.days" in each.breaks:
        reasons.append(_("would be first on more than 14 of 28 days (art. 5:9)"))
    if "rest.spans" in each.breaks:
        reasons.append(_("would not be off for 48 hours twice in 28 days (art. 5:9)"))
    if not each.breaks:
        reasons.append(_("rested"))
    if each.lacks:
        reasons.append(_("does not speak %(languages)s", languages=", ".join(each.lacks)))
    if not each.member:
        reasons.append(_("takes no turns in this rotation"))
    reasons.append(_("%(hours)s hours in these 28 days", hours=round(each.seconds / HOUR)))
    return reasons
