"""Which reminders of a duty are due at an instant, from the roster alone.

A duty is one person's time on call in one rotation without a break: a handoff to oneself is none.
What was sent already is not known here; each reminder has a name by which it is sent once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from routing.duty import duties_between
from routing.roster import Roster
from routing.spans import runs
from routing.walltime import DAY, HOUR, WEEK, Instant, Zone

Kind = Literal["week", "day", "start", "end"]

#: How long after a duty has ended its end is still worth telling.
END_MATTERS = 12 * HOUR
#: What ended longer ago than this is not looked at any more, so nobody counts what was missed then.
FORGOTTEN = 2 * DAY

_LOOK_BACK = 2 * WEEK
#: Duties are looked for so far ahead that nearly every one has an end.
_LOOK_AHEAD = 10 * WEEK

_FIRST_CIVIL_HOUR, _LAST_CIVIL_HOUR = 9, 20


@dataclass(frozen=True, slots=True)
class OnDuty:
    """One person on call in one rotation; `start` or `end` is None where it lies beyond what we look at."""

    rotation: str
    person: str
    start: Instant | None
    end: Instant | None


@dataclass(frozen=True, slots=True)
class Reminder:
    """`at` is the duty's start or end, whichever it reminds of; `until` is when its sense is gone.

    Person, kind and `at` name it: neither another rotation that begins at the same instant nor another
    version of the roster makes it another one; a start that moved does.
    """

    kind: Kind
    person: str
    rotation: str
    at: Instant
    start: Instant
    end: Instant | None
    until: Instant
    is_gone: bool = False

    @property
    def name(self) -> tuple[str, Kind, Instant]:
        return self.person, self.kind, self.at


def on_duty_between(roster: Roster, rotation: str, start: Instant, end: Instant) -> list[OnDuty]:
    """Everybody's time on call that touches the stretch. Raises KeyError for an unknown rotation."""
    duties = duties_between(roster, rotation, start, end)
    pieces = ((since, until, duty.person) for since, until, duty in duties)
    return [
        OnDuty(rotation, person, since if since > start else None, until if until < end else None)
        for since, until, person in runs(pieces)
        if person is not None
    ]


def reminders_at(roster: Roster, now: Instant) -> list[Reminder]:
    """What everybody should have been told by `now`: the latest reminder of each duty, and those too late.

    Of several that became due while nobody looked only the latest is told: it says all the others said.
    """
    duties = [
        duty
        for rotation in roster.rotations
        for duty in on_duty_between(roster, rotation, now - _LOOK_BACK, now + _LOOK_AHEAD)
    ]
    found: dict[tuple[str, Kind, Instant], Reminder] = {}
    for duty in duties:
        for reminder in _reminders(duty, duties, roster.zone, now):
            known = found.setdefault(reminder.name, reminder)
            if known.end is not None and (reminder.end is None or reminder.end > known.end):
                found[reminder.name] = reminder
    return list(found.values())


def is_civil(zone: Zone, at: Instant) -> bool:
    """True between nine in the morning and eight in the evening on the wall."""
    return _FIRST_CIVIL_HOUR <= zone.wall(at) // HOUR % 24 < _LAST_CIVIL_HOUR


def _reminders(duty: OnDuty, duties: list[OnDuty], zone: Zone, now: Instant) -> Iterator[Reminder]:
    start, end = duty.start, duty.end
    if start is not None and now < start - WEEK - DAY:
        return  # Nothing is due so early, whatever the clocks do meanwhile.
    if start is not None and (end is None or now < end):
        yield from _before_its_end(duty, start, zone, now)
    elif end is not None and end <= now < end + FORGOTTEN:
        if start is not None:
            yield Reminder("start", duty.person, duty.rotation, start, start, end, end, is_gone=True)
        if not any(_goes_on(other, duty.person, end) for other in duties):
            until = end + END_MATTERS
            began = start if start is not None else end
            yield Reminder("end", duty.person, duty.rotation, end, began, end, until, is_gone=now >= until)


def _before_its_end(duty: OnDuty, start: Instant, zone: Zone, now: Instant) -> Iterator[Reminder]:
    week, day = (zone.instant(zone.wall(start) - before) for before in (WEEK, DAY))
    steps: tuple[tuple[Kind, Instant, Instant], ...] = (
        ("week", week, day),
        ("day", day, start),
        ("start", start, duty.end if duty.end is not None else start + _LOOK_BACK),
    )
    for kind, since, until in steps:
        if since <= now < until:
            yield Reminder(kind, duty.person, duty.rotation, start, start, duty.end, until)


def _goes_on(other: OnDuty, person: str, at: Instant) -> bool:
    """Whether the person is on call in this duty too when another one ends: then their time has not ended."""
    begun = other.start is None or other.start <= at
    return other.person == person and begun and (other.end is None or at < other.end)
