"""Open or closed: the week, public holidays, dates of one's own, and the clock changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise

import holidays
import pytest

from routing.hours import Opening, easter_sunday, is_country, opening_at, openings_between
from routing.roster import Holidays, Line, Roster
from routing.walltime import DAY, HOUR, MINUTE, Zone, local_text, midnight, parse_moment

AMSTERDAM = Zone("Europe/Amsterdam")
DUTCH = Holidays("NL")
OFFICE = {day: ((9 * HOUR, 17 * HOUR),) if day < 5 else () for day in range(7)}


def at(text: str, zone: Zone = AMSTERDAM) -> int:
    return parse_moment(text, zone)


def roster(
    rule: Holidays = DUTCH,
    hours: Mapping[int, tuple[tuple[int, int], ...]] = OFFICE,
    zone: Zone = AMSTERDAM,
) -> Roster:
    line = Line("helpdesk", "+442079460001", "Helpdesk", ("nl",), hours, "desk", "crisis", rule)
    return Roster("0" * 12, zone, {}, {}, (), {}, {"helpdesk": line})


def closed_weekdays(year: int, rule: Holidays) -> list[str]:
    """The dates from Monday to Friday on which the line stays closed at noon."""
    days = (date(year, 1, 1) + timedelta(days=number) for number in range(366))
    noons = ((day, AMSTERDAM.instant(midnight(day) + 12 * HOUR)) for day in days if day.year == year)
    with_them = roster(rule)
    return [
        f"{day:%m-%d}"
        for day, noon in noons
        if day.weekday() < 5 and not opening_at(with_them, "helpdesk", noon).open
    ]


# Good Friday marked !, 5 May outside a lustrum year marked *.
TABLE = {
    2024: "01-01 03-29! 04-01 05-09 05-20 12-25 12-26",
    2025: "01-01 04-18! 04-21 05-05 05-29 06-09 12-25 12-26",
    2026: "01-01 04-03! 04-06 04-27 05-05* 05-14 05-25 12-25",
    2027: "01-01 03-26! 03-29 04-27 05-05* 05-06 05-17",
    2028: "04-14! 04-17 04-27 05-05* 05-25 06-05 12-25 12-26",
    2029: "01-01 03-30! 04-02 04-27 05-10 05-21 12-25 12-26",
    2030: "01-01 04-19! 04-22 05-30 06-10 12-25 12-26",
}


@pytest.mark.parametrize("year", TABLE)
def test_the_line_is_closed_on_the_holidays_of_the_netherlands(year: int) -> None:
    usual = [day for day in TABLE[year].split() if day[-1] not in "!*"]
    assert closed_weekdays(year, Holidays("NL")) == usual
    everything = [day.rstrip("!*") for day in TABLE[year].split()]
    assert closed_weekdays(year, Holidays("NL", "closed", "always")) == everything
    least = [day for day in usual if day != "05-05"]
    assert closed_weekdays(year, Holidays("NL", "open", "never")) == least


def test_liberation_day_is_off_in_years_divisible_by_five() -> None:
    assert [year for year in range(2024, 2061) if "05-05" in closed_weekdays(year, Holidays("NL"))] == [
        year for year in range(2024, 2061) if year % 5 == 0 and date(year, 5, 5).weekday() < 5
    ]


def test_the_kings_birthday_moves_when_it_is_a_sunday() -> None:
    every_day = dict.fromkeys(range(7), ((9 * HOUR, 17 * HOUR),))
    for year in (2025, 2031, 2036):
        assert not opening_at(roster(hours=every_day), "helpdesk", at(f"{year}-04-26T12:00")).open
        assert opening_at(roster(hours=every_day), "helpdesk", at(f"{year}-04-27T12:00")).open


def test_dates_of_ones_own_close_and_open_the_line() -> None:
    rule = Holidays("NL", closed=frozenset({date(2026, 12, 24)}), open=frozenset({date(2026, 12, 25)}))
    assert closed_weekdays(2026, rule) == [
        day if day != "12-25" else "12-24" for day in closed_weekdays(2026, Holidays("NL"))
    ]


def test_without_a_country_only_dates_of_ones_own_close_the_line() -> None:
    assert closed_weekdays(2026, Holidays()) == []
    assert closed_weekdays(2026, Holidays(closed=frozenset({date(2026, 7, 1)}))) == ["07-01"]


def test_another_country_has_its_own_holidays() -> None:
    assert "05-05" not in closed_weekdays(2025, Holidays("BE", liberation_day="always"))
    assert "07-21" in closed_weekdays(2026, Holidays("BE"))
    assert is_country("BE")
    assert not is_country("XX")
    assert not is_country("Netherlands")


@pytest.mark.parametrize(
    # The earliest and the latest there are, and the exceptions of the calendar's makers.
    ("year", "day"),
    [(1818, "03-22"), (1943, "04-25"), (2038, "04-25"), (1954, "04-18"), (1981, "04-19"), (2026, "04-05")],
)
def test_easter_is_on_its_day(year: int, day: str) -> None:
    assert f"{easter_sunday(year):%m-%d}" == day


def test_easter_is_a_sunday_that_the_calendar_of_holidays_knows() -> None:
    for year in range(2000, 2100):
        assert easter_sunday(year).weekday() == 6
        assert easter_sunday(year) in holidays.country_holidays("NL", years=year)


@pytest.mark.parametrize(
    ("moment", "opening"),
    [
        ("2026-12-23T08:59", (False, "off hours", "2026-12-23 09:00")),
        ("2026-12-23T09:00", (True, "hours", "2026-12-23 17:00")),
        ("2026-12-23T17:00", (False, "off hours", "2026-12-28 09:00")),
        ("2026-12-24T12:00", (False, "closed", "2026-12-28 09:00")),
        ("2026-12-25T03:00", (False, "holiday", "2026-12-28 09:00")),
        ("2026-12-26T12:00", (False, "holiday", "2026-12-28 09:00")),
        ("2026-12-27T12:00", (False, "off hours", "2026-12-28 09:00")),
    ],
)
def test_the_answer_says_why_and_until_when(moment: str, opening: tuple[bool, str, str]) -> None:
    found = opening_at(roster(Holidays("NL", closed=frozenset({date(2026, 12, 24)}))), "helpdesk", at(moment))
    assert found.until is not None
    assert (found.open, found.why, local_text(found.until, AMSTERDAM)) == opening
    assert found.policy == ("desk" if opening[0] else "crisis")


def test_a_line_that_never_opens_or_never_closes_has_no_next_change() -> None:
    never = roster(hours=dict.fromkeys(range(7), ()))
    assert opening_at(never, "helpdesk", at("2026-12-23T12:00")) == Opening(
        False, "off hours", None, "crisis"
    )
    always = roster(Holidays(), dict.fromkeys(range(7), ((0, DAY),)))
    assert opening_at(always, "helpdesk", at("2026-12-23T12:00")) == Opening(True, "hours", None, "desk")


def test_a_lunch_break_and_hours_until_midnight() -> None:
    hours = dict.fromkeys(range(7), ((9 * HOUR, 12 * HOUR + 30 * MINUTE), (13 * HOUR, DAY)))
    spans = openings_between(roster(Holidays(), hours), "helpdesk", at("2026-11-03"), at("2026-11-04T10:00"))
    assert [(local_text(span.start, AMSTERDAM), span.open) for span in spans] == [
        ("2026-11-03 00:00", False),
        ("2026-11-03 09:00", True),
        ("2026-11-03 12:30", False),
        ("2026-11-03 13:00", True),
        ("2026-11-04 00:00", False),
        ("2026-11-04 09:00", True),
    ]


def test_opening_hours_that_overlap_or_touch_are_one() -> None:
    hours = dict.fromkeys(range(7), ((9 * HOUR, 12 * HOUR), (11 * HOUR, 13 * HOUR), (13 * HOUR, 17 * HOUR)))
    found = opening_at(roster(Holidays(), hours), "helpdesk", at("2026-11-03T10:00"))
    assert found.until == at("2026-11-03T17:00")


def test_the_line_opens_at_nine_on_the_days_of_the_clock_changes() -> None:
    every_day = roster(Holidays(), dict.fromkeys(range(7), ((9 * HOUR, 17 * HOUR),)))
    for day, instant in (("2026-10-25", "2026-10-25T08:00Z"), ("2027-03-28", "2027-03-28T07:00Z")):
        assert opening_at(every_day, "helpdesk", at(day)).until == at(instant)


def test_hours_inside_the_doubled_and_the_missing_hour() -> None:
    small_hours = roster(Holidays(), dict.fromkeys(range(7), ((2 * HOUR, 3 * HOUR),)))
    spans = openings_between(small_hours, "helpdesk", at("2026-10-25"), at("2026-10-26"))
    # From the first two o'clock to the only three o'clock: two hours.
    assert [span.end - span.start for span in spans if span.open] == [2 * HOUR]
    spans = openings_between(small_hours, "helpdesk", at("2027-03-28"), at("2027-03-29"))
    assert [span for span in spans if span.open] == []


@pytest.mark.parametrize(
    "zone", ["Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]
)
def test_spans_cover_the_year_and_agree_with_the_answer_at_each_moment(zone: str) -> None:
    with_zone = roster(zone=Zone(zone))
    start, end = at("2026-03-01T00:00Z"), at("2027-05-01T00:00Z")
    spans = openings_between(with_zone, "helpdesk", start, end)
    assert (spans[0].start, spans[-1].end) == (start, end)
    for earlier, later in pairwise(spans):
        assert earlier.end == later.start
        assert (earlier.open, earlier.why) != (later.open, later.why)
    for span in spans:
        for moment in (span.start, (span.start + span.end) // 2, span.end - 1):
            found = opening_at(with_zone, "helpdesk", moment)
            assert (found.open, found.why, found.policy) == (span.open, span.why, span.policy)


def test_an_unknown_line_is_an_error() -> None:
    with pytest.raises(KeyError):
        opening_at(roster(), "other", 0)
