"""Forms already filled in: what a click on a shift, a gap or an exception is most likely meant to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hotline.web.roster.common import moment_asked, stamp
from routing.candidates import candidates
from routing.coverage import Gap, Thin, gaps_between, thin_between
from routing.duty import Shift, duty_at, duty_span_at, shifts_between
from routing.hours import opening_at
from routing.reach import policy_chain
from routing.roster import Instant, Override, Roster, Span
from routing.walltime import DAY, HOUR, MINUTE, WEEK, parse_moment

Fields = dict[str, str]

#: Shifts that can be swapped are looked for this far ahead.
AHEAD = 6 * WEEK
_SEARCHED = 60 * DAY


@dataclass(frozen=True, slots=True)
class Held:
    """A shift as a form names it; the token says whose it was when the form was made."""

    shift: Shift

    @property
    def token(self) -> str:
        return f"{self.shift.rotation}|{self.shift.person}|{self.shift.start}|{self.shift.end}"


def read_held(token: str) -> Shift | None:
    """The shift of a token; None for what is none."""
    parts = token.split("|")
    if len(parts) != 4 or not (
        parts[2].isascii() and parts[2].isdigit() and parts[3].isascii() and parts[3].isdigit()
    ):
        return None
    if len(token) > 200:
        return None
    return Shift(parts[0], parts[1], int(parts[2]), int(parts[3]), "turn")


def fill_cover(asked: Mapping[str, str], roster: Roster, now: Instant) -> Fields:
    """For a shift (`rotation`, `at`), a gap or thin cover (`line`, `at`), or nothing in particular."""
    at = moment_asked(asked.get("at", ""), roster.zone)
    rotation, line = asked.get("rotation", ""), asked.get("line", "")
    if at is not None and rotation in roster.rotations:
        fields = _fields(roster, rotation, *_stretch(roster, rotation, at, now))
        person = duty_at(roster, rotation, at).person
        if person is not None:
            fields["shift"] = "|".join((rotation, person, fields["start"], fields["end"]))
    elif at is not None and line in roster.lines:
        fields = _fields(roster, _rotation_for(roster, line, at), *_hole(roster, line, at, now))
    else:
        start = (now // HOUR + 1) * HOUR
        fields = _fields(roster, next(iter(roster.rotations)), start, start + 8 * HOUR)
    return {**fields, "person": still_best(fields, roster)}


def still_best(fields: Fields, roster: Roster) -> str:
    """Whoever was chosen while they are fit for the span, or else who is suggested first; "" for nobody."""
    try:
        start, end = (parse_moment(fields.get(name, ""), roster.zone) for name in ("start", "end"))
    except ValueError:
        return fields.get("person", "")
    rotation = fields.get("rotation", "")
    found = candidates(roster, rotation, start, end) if start < end and rotation in roster.rotations else []
    fit = [each.person for each in found if each.fit]
    chosen = fields.get("person", "")
    return chosen if chosen in fit or not fit else fit[0]


def fill_swap(asked: Mapping[str, str], roster: Roster, now: Instant) -> Fields:
    at, rotation = moment_asked(asked.get("at", ""), roster.zone), asked.get("rotation", "")
    if at is None or rotation not in roster.rotations:
        return {}
    found = duty_span_at(roster, rotation, at)
    if found.person is None or found.since is None or found.until is None or found.until <= now:
        return {}
    return {"first": Held(Shift(rotation, found.person, found.since, found.until, found.why)).token}


def fill_away(asked: Mapping[str, str], roster: Roster, now: Instant) -> Fields:
    """Away during a shift that was clicked (`rotation`, `at`), or from tomorrow for a day."""
    at, rotation, person = (
        moment_asked(asked.get("at", ""), roster.zone),
        asked.get("rotation", ""),
        asked.get("person", ""),
    )
    if at is not None and rotation in roster.rotations:
        start, end = _stretch(roster, rotation, at, now)
        person = duty_at(roster, rotation, at).person or person
    else:
        midnight = roster.zone.wall(now) // DAY * DAY + DAY
        start, end = roster.zone.instant(midnight), roster.zone.instant(midnight + DAY)
    return {"person": person, "start": stamp(start, roster.zone), "end": stamp(end, roster.zone)}


def fill_override(override: Override, roster: Roster) -> Fields:
    return {
        **_fields(roster, override.rotation, override.span.start, override.span.end),
        "person": override.person,
        "why": override.reason,
    }


def fill_absence(person: str, span: Span, roster: Roster) -> Fields:
    return {"person": person, "start": stamp(span.start, roster.zone), "end": stamp(span.end, roster.zone)}


def swappable(roster: Roster, now: Instant) -> dict[str, list[Held]]:
    """The shifts of the coming weeks that are not over, whole, by rotation."""
    return {
        rotation: [Held(shift) for shift in _whole_shifts(roster, rotation, now)]
        for rotation in roster.rotations
    }


def _whole_shifts(roster: Roster, rotation: str, now: Instant) -> Iterator[Shift]:
    for shift in shifts_between(roster, rotation, now, now + AHEAD):
        whole = duty_span_at(roster, rotation, shift.start)
        if whole.since is not None and whole.until is not None:
            yield Shift(rotation, shift.person, whole.since, whole.until, shift.why)


def torn_by(roster: Roster, person: str, start: Instant, end: Instant) -> list[Shift]:
    """The shifts, clipped, that somebody has while they are to be away."""
    found = [
        shift
        for rotation in roster.rotations
        for shift in shifts_between(roster, rotation, start, end)
        if shift.person == person
    ]
    return sorted(found, key=lambda shift: (shift.start, shift.rotation))


def _fields(roster: Roster, rotation: str, start: Instant, end: Instant) -> Fields:
    return {"rotation": rotation, "start": stamp(start, roster.zone), "end": stamp(end, roster.zone)}


def _stretch(roster: Roster, rotation: str, at: Instant, now: Instant) -> tuple[Instant, Instant]:
    """The stretch around a moment, from now on where it has begun; a week of one without an end."""
    span = duty_span_at(roster, rotation, at)
    start = max(at if span.since is None else span.since, now // MINUTE * MINUTE)
    return start, start + WEEK if span.until is None else span.until


def _hole(roster: Roster, line: str, at: Instant, now: Instant) -> tuple[Instant, Instant]:
    """The gap, or else the thin cover, of a line around a moment; the hour from it where there is neither."""
    early, late = at - _SEARCHED, at + _SEARCHED
    holes: list[Gap | Thin] = [*gaps_between(roster, early, late), *thin_between(roster, early, late)]
    for hole in holes:
        if hole.line == line and hole.start <= at < hole.end:
            return max(hole.start, now // MINUTE * MINUTE), hole.end
    return at, at + HOUR


def _rotation_for(roster: Roster, line: str, at: Instant) -> str:
    """The first rotation on the ladder of that moment that yields nobody; where all do, the last."""
    opening = opening_at(roster, line, at)
    ladder = [
        name
        for policy in policy_chain(roster, opening.policy)
        for step in policy.steps
        for name in step.ring
        if name in roster.rotations
    ]
    ladder = ladder or list(roster.rotations)
    nobody = [name for name in ladder if duty_at(roster, name, at).person is None]
    # A rotation outside its hours is not missed: one that has hours then is filled first.
    on_duty = [name for name in nobody if duty_at(roster, name, at).why == "away"]
    return (on_duty or nobody or ladder[-1:])[0]
