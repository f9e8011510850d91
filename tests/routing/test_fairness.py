"""How duty is shared: hours, nights, weekends, holidays, broken nights."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from routing.fairness import duty_of, holidays_between, night_at, share_between
from routing.roster import Override, Roster, Span
from tests.routing.rosters import AMSTERDAM, at, roster


def loads(found: Roster, start: str, end: str) -> dict[str, tuple[int, int, int, int]]:
    """Hours, nights, weekends and holidays of each person."""
    share = share_between(found, at(start), at(end))
    return {
        load.person: (load.seconds // 3600, load.nights, load.weekends, load.holidays) for load in share.loads
    }


def with_override(start: str, end: str, person: str, rotation: str = "first") -> Roster:
    return roster(overrides=(Override(rotation, Span(at(start), at(end)), person),))


def test_a_week_of_seven_days_has_seven_nights_and_a_weekend() -> None:
    found = loads(roster(), "2026-11-02T00:00", "2026-11-09T00:00")
    assert found["ada"] == (168, 8, 1, 0)  # the night before Monday reaches into it
    assert found["chi"] == (0, 0, 0, 0)


def test_somebody_who_takes_over_has_the_hours_and_the_other_does_not() -> None:
    found = loads(
        with_override("2026-11-03T17:00", "2026-11-04T09:00", "chi"), "2026-11-03T00:00", "2026-11-05T00:00"
    )
    assert found["chi"] == (16, 1, 0, 0)
    assert found["ada"][0] == 32


def test_who_is_away_is_not_counted() -> None:
    found = roster(away={"ada": (Span(at("2026-11-03T00:00"), at("2026-11-04T00:00")),)})
    assert loads(found, "2026-11-03T00:00", "2026-11-05T00:00")["ada"][0] == 24


def test_an_hour_on_two_rotations_counts_once() -> None:
    found = with_override("2026-11-03T00:00", "2026-11-04T00:00", "ada", "second")
    assert loads(found, "2026-11-03T00:00", "2026-11-04T00:00")["ada"][0] == 24


@pytest.mark.parametrize(
    ("start", "end", "nights"),
    [
        ("2026-11-03T07:00", "2026-11-03T23:00", 0),
        ("2026-11-03T06:59", "2026-11-03T23:00", 1),
        ("2026-11-03T07:00", "2026-11-03T23:01", 1),
        ("2026-11-03T22:00", "2026-11-04T08:00", 1),
        ("2026-11-03T06:00", "2026-11-03T23:30", 2),
    ],
)
def test_a_night_counts_from_eleven_to_seven_on_the_wall(start: str, end: str, nights: int) -> None:
    assert loads(with_override(start, end, "chi"), "2026-11-01T00:00", "2026-11-08T00:00")["chi"][1] == nights


@pytest.mark.parametrize(
    ("start", "end", "weekends"),
    [
        ("2026-11-06T20:00", "2026-11-07T00:00", 0),
        ("2026-11-07T00:00", "2026-11-07T01:00", 1),
        ("2026-11-08T23:00", "2026-11-09T00:00", 1),
        ("2026-11-09T00:00", "2026-11-13T23:59", 0),
        ("2026-11-08T12:00", "2026-11-14T12:00", 2),
    ],
)
def test_a_weekend_is_saturday_and_sunday_and_counts_once(start: str, end: str, weekends: int) -> None:
    assert (
        loads(with_override(start, end, "chi"), "2026-11-01T00:00", "2026-11-20T00:00")["chi"][2] == weekends
    )


def test_a_night_in_which_the_clock_goes_back_is_nine_hours_and_one_night() -> None:
    found = with_override("2026-10-24T23:00", "2026-10-25T07:00", "chi")
    assert loads(found, "2026-10-24T12:00", "2026-10-25T12:00")["chi"][:2] == (9, 1)
    found = with_override("2027-03-27T23:00", "2027-03-28T07:00", "chi")
    assert loads(found, "2027-03-27T12:00", "2027-03-28T12:00")["chi"][:2] == (7, 1)


def test_the_holidays_are_those_on_which_a_line_is_closed() -> None:
    days = holidays_between(roster(), at("2026-12-01T00:00"), at("2027-01-02T00:00"))
    assert days == {dt.date(2026, 12, 25), dt.date(2026, 12, 26), dt.date(2027, 1, 1)}
    found = loads(
        with_override("2026-12-24T17:00", "2026-12-25T09:00", "chi"), "2026-12-01T00:00", "2027-01-01T00:00"
    )
    assert found["chi"][3] == 1


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        ("2026-11-03T22:59", None),
        ("2026-11-03T23:00", dt.date(2026, 11, 3)),
        ("2026-11-04T06:59", dt.date(2026, 11, 3)),
        ("2026-11-04T07:00", None),
        ("2026-10-25T02:30", dt.date(2026, 10, 24)),
    ],
)
def test_a_night_belongs_to_the_date_on_which_it_began(moment: str, night: dt.date | None) -> None:
    assert night_at(at(moment), AMSTERDAM) == night


def test_three_calls_in_one_night_break_one_night() -> None:
    taken = [at("2026-11-03T23:30"), at("2026-11-04T01:00"), at("2026-11-04T06:00"), at("2026-11-04T12:00")]
    share = share_between(roster(), at("2026-11-03T00:00"), at("2026-11-06T00:00"), {"ada": taken})
    assert (share.loads[0].night_calls, share.loads[0].broken_nights) == (3, 1)
    outside = share_between(roster(), at("2026-11-05T00:00"), at("2026-11-06T00:00"), {"ada": taken})
    assert outside.loads[0].night_calls == 0


def test_the_mean_is_over_everybody_who_can_be_rung() -> None:
    share = share_between(roster(), at("2026-11-02T00:00"), at("2026-11-03T00:00"))
    assert share.mean("seconds") == 2 * 86_400 / 4
    assert share_between(replace(roster(), people={}, rotations={}, lines={}), 0, 1).mean("nights") == 0.0


def test_whoever_never_has_two_days_off_is_warned_of() -> None:
    share = share_between(roster(), at("2026-11-02T00:00"), at("2026-11-30T00:00"))
    assert {("people.ada", "rest.days"), ("people.ada", "rest.spans"), ("people.bo", "rest.spans")} <= {
        (warning.path, warning.code) for warning in share.warnings
    }


def test_the_shares_add_up_to_all_the_duty_there_is() -> None:
    start, end = at("2026-11-02T00:00"), at("2026-11-30T00:00")
    found = with_override("2026-11-10T00:00", "2026-11-12T00:00", "dee")
    for load in share_between(found, start, end).loads:
        duty = duty_of(found, load.person, start, end)
        assert load.seconds == sum(b - a for a, b in zip(duty.starts, duty.ends, strict=True))
    assert sum(load.seconds for load in share_between(found, start, end).loads) == 2 * (end - start)
