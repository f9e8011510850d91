"""Shifts as an iCalendar file (RFC 5545): when, which rotation, who. No numbers, no reasons.

Times are in UTC, so that no program that reads them can go wrong at a clock change.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask_babel import gettext as _
from icalendar import Calendar, Event

from routing.duty import Shift
from routing.roster import Instant, Roster
from routing.standby import in_order, whole_shifts
from routing.walltime import DAY

BACK = 90 * DAY
AHEAD = 400 * DAY
_ASK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Edition:
    """Which version of the roster this is: how many there were, and since when it is in force."""

    sequence: int
    since: datetime


def shifts_shown(roster: Roster, person: str | None, today: Instant) -> list[Shift]:
    """The shifts of 90 days back to 400 ahead of a day, whole; of one person, or of all."""
    return in_order(
        shift
        for rotation in roster.rotations
        for shift in whole_shifts(roster, rotation, today - BACK, today + AHEAD)
        if person is None or shift.person == person
    )


def calendar_file(roster: Roster, person: str | None, today: Instant, edition: Edition, host: str) -> bytes:
    """The file, in the language in force. The same arguments give the same bytes.

    A shift keeps its UID as long as it begins at the same instant in the same rotation.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Nachtwacht//Duty roster//EN")
    calendar.add("version", "2.0")
    name = _("On call") if person is None else _("On call: %(name)s", name=_name(roster, person))
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    # No X-WR-TIMEZONE: programs that heed it count on the wall, and end the shift of the night on which the
    # clock goes back an hour too early.
    calendar.add("refresh-interval", _ASK_AGAIN, {"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for shift in shifts_shown(roster, person, today):
        calendar.add_component(_event(roster, shift, person is None, edition, host))
    written: bytes = calendar.to_ical()
    return written


def _event(roster: Roster, shift: Shift, of_all: bool, edition: Edition, host: str) -> Event:
    event = Event()
    start = datetime.fromtimestamp(shift.start, UTC)
    event.add("uid", f"{start:%Y%m%dT%H%M%SZ}-{shift.rotation}@{host}")
    event.add("dtstamp", edition.since)
    event.add("last-modified", edition.since)
    event.add("sequence", edition.sequence)
    event.add("dtstart", start)
    event.add("dtend", datetime.fromtimestamp(shift.end, UTC))
    words = (
        _("%(name)s: %(rotation)s", name=_name(roster, shift.person), rotation=shift.rotation)
        if of_all
        else _("On call: %(rotation)s", rotation=shift.rotation)
    )
    event.add("summary", words)
    # Being on call is not being busy: other appointments can be made.
    event.add("transp", "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event


def _name(roster: Roster, person: str) -> str:
    found = roster.people.get(person)
    return " ".join(found.name.split()) if found else person
