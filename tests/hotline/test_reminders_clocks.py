"""Reminders walked minute by minute over the nights in which the clocks are changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import Engine

from tests.hotline.duty_desk import AMSTERDAM, DutyDesk, duty_desk, wall

MINUTE = timedelta(minutes=1)

#: Handoffs at eight in the morning and the evening, and at half past two, which is there twice or never.
ROSTER = """\
version: 1
timezone: Europe/Amsterdam
people:
  ada: {name: Ada Voorbeeld, phone: "+46701740605", languages: [nl]}
  bo: {name: Bo Voorbeeld, phone: "+46701740606", languages: [nl]}
  chi: {name: Chi Voorbeeld, phone: "+46701740607", languages: [nl]}
  dee: {name: Dee Voorbeeld, phone: "+46701740608", languages: [nl]}
rotations:
  halves: {members: [ada, bo], starts: 2026-01-01T08:00, turn: 12 hours}
  nights: {members: [chi, dee], starts: 2026-01-01T02:30, turn: 24 hours}
policies:
  crisis:
    steps: [{ring: halves, seconds: 20}, {ring: nights, seconds: 20}]
    otherwise: callback
lines:
  helpdesk: {number: "+442079460001", name: Hulplijn, languages: [nl], hours: {}, open: crisis,
    closed: crisis}
"""


@pytest.fixture
def desk(sqlite_engine: Engine) -> Iterator[DutyDesk]:
    with duty_desk(sqlite_engine, roster=ROSTER) as desk:
        yield desk


def _instant(day: date, clock: time) -> datetime:
    """Of a time that is there twice the first; one that is never there by the offset before the change."""
    return datetime.combine(day, clock, AMSTERDAM).astimezone(UTC)


def _expected(first: date, last: date) -> set[tuple[str, str, datetime, datetime]]:
    """Every reminder of every shift of these dates, by the calendar alone: who, what, start, when."""
    found = set()
    day = first
    while day <= last:
        number = (day - date(2026, 1, 1)).days
        half = [("ada", time(8)), ("bo", time(20))]
        night = [("chi" if number % 2 == 0 else "dee", time(2, 30))]
        for person, clock in (*half, *night):
            start = _instant(day, clock)
            ends = time(20) if clock == time(8) else time(8) if clock == time(20) else time(2, 30)
            end = _instant(day if ends > clock else day + timedelta(days=1), ends)
            found |= {
                (person, "week", start, _civil(_days_before(start, 7))),
                (person, "day", start, _days_before(start, 1)),
                (person, "start", start, start),
                (person, "end", start, end),
            }
        day += timedelta(days=1)
    return found


def _days_before(start: datetime, days: int) -> datetime:
    """At the time of day at which the clock on the wall will stand when it starts."""
    shown = start.astimezone(AMSTERDAM)
    return _instant(shown.date() - timedelta(days=days), shown.time())


def _civil(at: datetime) -> datetime:
    while not 9 <= at.astimezone(AMSTERDAM).hour < 20:
        at += MINUTE
    return at


def _is_near(shown: time) -> bool:
    """To half past two, to the handoff in the morning, or to the hour from which people are told."""
    minute = shown.hour * 60 + shown.minute
    return any(abs(minute - hour * 60) <= 10 for hour in (2.5, 8, 9))


@pytest.mark.parametrize("night", [date(2026, 10, 25), date(2027, 3, 28)])
def test_over_the_clock_change_nothing_is_told_twice_or_missed_and_all_to_the_minute(
    desk: DutyDesk, night: date
) -> None:
    job = desk.reminders()
    at = wall(f"{night - timedelta(days=9)}T00:00")
    end = wall(f"{night + timedelta(days=4)}T12:00")
    # Minute by minute in the night of the change, and around what is due a week and a day before it and a day
    # behind; what else is due falls on whole hours and half hours.
    exact = {night + timedelta(days=days) for days in (-7, -1, 0, 1)}
    while at < end:
        local = at.astimezone(AMSTERDAM)
        is_exact = local.date() in exact and _is_near(local.time())
        if is_exact or local.minute in {0, 30} or (local.date() == night and local.hour < 4):
            job.remind(at)
        at += MINUTE
    told = [
        (
            row["person"],
            row["template"].removeprefix("shift_"),
            datetime.fromisoformat(row["details"]["start"]),
            row["due_at"],
        )
        for row in desk.rows(state="due")
    ]
    assert len(told) == len(set(told))
    # Shifts for which all four reminders lie within the walk.
    whole = _expected(night - timedelta(days=1), night + timedelta(days=1))
    assert whole <= set(told)
    starts = {start for _, _, start, _ in whole}
    assert {each for each in told if each[2] in starts} == whole
