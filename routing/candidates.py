"""Who could take a span of duty: who is free then, keeps their rest, and speaks what callers speak.

Only ranks and says why; who is put on call is for a person to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from routing.duty import Shift, shifts_between
from routing.reach import policy_chain, reaches_between
from routing.rest import RECKONED, broken_rules, standby_between
from routing.roster import Instant, Roster
from routing.spans import merged


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person, and what speaks against them for the span: nothing, when they are `fit`.

    `member`: takes turns in the rotation anyway. `busy` are their shifts on other rotations then,
    `breaks` the codes of the rest rules that would be broken by it and are not yet, `lacks` the
    languages of the lines they do not speak. `seconds` is how long they are on call already in the
    28 days around it.
    """

    person: str
    member: bool
    away: bool
    busy: tuple[Shift, ...]
    breaks: tuple[str, ...]
    lacks: tuple[str, ...]
    seconds: int

    @property
    def fit(self) -> bool:
        return not (self.away or self.busy or self.breaks or self.lacks)


def candidates(roster: Roster, rotation: str, start: Instant, end: Instant) -> list[Candidate]:
    """Everybody who is not on call for the rotation throughout, the fittest first.

    Of equals, those who take turns in it come first, and of these who has least duty. KeyError for
    a rotation that is not in the roster.
    """
    early, late = start - RECKONED, end + RECKONED
    reaches = {line: list(reaches_between(roster, line, early, late)) for line in roster.lines}
    standby = standby_between(roster, reaches, early, late)
    around = (start + end - RECKONED) // 2
    shifts = [shift for each in roster.rotations for shift in shifts_between(roster, each, early, late)]
    wanted = languages_wanted(roster, rotation)
    has_it = [(shift.person, shift.start, shift.end) for shift in shifts if shift.rotation == rotation]
    found = []
    for person in roster.people.values():
        if any(who == person.id and since <= start and until >= end for who, since, until in has_it):
            continue
        mine = [shift for shift in shifts if shift.person == person.id]
        first, any_rung = standby.first.get(person.id, ()), standby.any_rung.get(person.id, ())
        broken = broken_rules(first, any_rung, roster.zone, late)
        then = broken_rules((*first, (start, end)), (*any_rung, (start, end)), roster.zone, late)
        found.append(
            Candidate(
                person=person.id,
                member=person.id in roster.rotations[rotation].members,
                away=any(span.start < end and span.end > start for span in person.away),
                busy=tuple(
                    each
                    for each in mine
                    if each.rotation != rotation and each.start < end and each.end > start
                ),
                breaks=tuple(code for code in then if code not in broken),
                lacks=tuple(language for language in wanted if language not in person.languages),
                seconds=_seconds_within(mine, around, around + RECKONED),
            )
        )
    return sorted(found, key=_rank)


def languages_wanted(roster: Roster, rotation: str) -> tuple[str, ...]:
    """The languages of the lines whose calls can lead to the rotation, in the order of their menus."""
    wanted: dict[str, None] = {}
    for line in roster.lines.values():
        policies = [*policy_chain(roster, line.open), *policy_chain(roster, line.closed)]
        if any(rotation in step.ring for policy in policies for step in policy.steps):
            wanted.update(dict.fromkeys(line.languages))
    return tuple(wanted)


def _rank(candidate: Candidate) -> tuple[bool, bool, bool, int, bool, int, str]:
    return (
        candidate.away,
        bool(candidate.busy),
        bool(candidate.breaks),
        len(candidate.lacks),
        not candidate.member,
        candidate.seconds,
        candidate.person,
    )


def _seconds_within(shifts: Sequence[Shift], start: Instant, end: Instant) -> int:
    """Time on call, counted once where somebody is on call for two rotations."""
    spans = merged((max(shift.start, start), min(shift.end, end)) for shift in shifts)
    return sum(until - since for since, until in zip(spans.starts, spans.ends, strict=True))
