"""Wall clocks: both clock changes, other zones, and times as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.walltime import (
    DAY,
    UnknownZone,
    Zone,
    day_of,
    iso_z,
    local_text,
    parse_moment,
    wall_time,
    weekday_of,
)

AMSTERDAM = Zone("Europe/Amsterdam")
ZONES = (
    "Europe/Amsterdam",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
    "Pacific/Apia",
)


@pytest.mark.parametrize(
    ("wall", "instant", "shown"),
    [
        # The clock goes back at 03:00: the hour from two to three is there twice.
        ("2026-10-25T01:59", "2026-10-24T23:59:00Z", "2026-10-25 01:59"),
        ("2026-10-25T02:00", "2026-10-25T00:00:00Z", "2026-10-25 02:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30:00Z", "2026-10-25 02:30"),
        ("2026-10-25T03:00", "2026-10-25T02:00:00Z", "2026-10-25 03:00"),
        # The clock goes forward at 02:00: the hour from two to three is not there.
        ("2027-03-28T01:59", "2027-03-28T00:59:00Z", "2027-03-28 01:59"),
        ("2027-03-28T02:00", "2027-03-28T01:00:00Z", "2027-03-28 03:00"),
        ("2027-03-28T02:30", "2027-03-28T01:30:00Z", "2027-03-28 03:30"),
        ("2027-03-28T03:00", "2027-03-28T01:00:00Z", "2027-03-28 03:00"),
        ("2028-02-29T23:59", "2028-02-29T22:59:00Z", "2028-02-29 23:59"),
        ("2026-12-31T23:30", "2026-12-31T22:30:00Z", "2026-12-31 23:30"),
        ("2027-01-01T00:30", "2026-12-31T23:30:00Z", "2027-01-01 00:30"),
    ],
)
def test_a_time_on_the_wall_is_read_by_the_rule_of_calendars(wall: str, instant: str, shown: str) -> None:
    at = parse_moment(wall, AMSTERDAM)
    assert iso_z(at) == instant
    assert local_text(at, AMSTERDAM) == shown


@pytest.mark.parametrize("name", ZONES)
@given(wall=st.integers(wall_time(2000, 1, 3), wall_time(2099, 12, 30)))
def test_instants_agree_with_the_zone_database(name: str, wall: int) -> None:
    zone, other = Zone(name), ZoneInfo(name)
    naive = datetime.fromtimestamp(wall, UTC).replace(tzinfo=None)
    assert zone.instant(wall) == int(naive.replace(tzinfo=other, fold=0).timestamp())
    shown = datetime.fromtimestamp(wall, other).replace(tzinfo=UTC)
    assert zone.wall(wall) == int(shown.timestamp())


@pytest.mark.parametrize("name", ZONES)
def test_every_minute_around_a_clock_change_agrees_with_the_zone_database(name: str) -> None:
    zone, other = Zone(name), ZoneInfo(name)
    for month, day in ((3, 8), (3, 28), (4, 5), (10, 4), (10, 25), (11, 1)):
        start = wall_time(2026, month, day) - DAY
        for wall in range(start, start + 3 * DAY, 300):
            naive = datetime.fromtimestamp(wall, UTC).replace(tzinfo=None)
            assert zone.instant(wall) == int(naive.replace(tzinfo=other, fold=0).timestamp())
            offset = datetime.fromtimestamp(wall, other).utcoffset()
            assert offset is not None
            assert zone.wall(wall) == wall + int(offset.total_seconds())


def test_a_later_instant_never_comes_before_an_earlier_wall_clock_except_at_the_change() -> None:
    instants = [AMSTERDAM.instant(wall_time(2026, 10, 24) + minute * 60) for minute in range(3 * 1440)]
    assert all(earlier < later for earlier, later in pairwise(instants))


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-12-24T17:00", "2026-12-24T16:00:00Z"),
        ("2026-12-24 17:00", "2026-12-24T16:00:00Z"),
        ("2026-12-24T17:00:30", "2026-12-24T16:00:30Z"),
        ("2026-12-24T17:00Z", "2026-12-24T17:00:00Z"),
        ("2026-12-24T17:00+01:00", "2026-12-24T16:00:00Z"),
        ("2026-12-24T17:00-0330", "2026-12-24T20:30:00Z"),
        ("2026-12-24", "2026-12-23T23:00:00Z"),
    ],
)
def test_a_moment_may_carry_its_offset(text: str, instant: str) -> None:
    assert iso_z(parse_moment(text, AMSTERDAM)) == instant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "17:00",
        "2026-13-01T00:00",
        "2026-02-29T00:00",
        "2026-12-24T24:00",
        "2026-12-24T17:60",
        "2026-12-24T17:00+25:00",
        "2026-12-24Z",
        "٢٠٢٦-١٢-٢٤",
        "2026-12-24T17:00 Europe/Amsterdam",
        "1798128000",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"time|month|day|offset"):
        parse_moment(text, AMSTERDAM)


@pytest.mark.parametrize(
    "name",
    ["", "Europe/Amsterdm", "europe/amsterdam", "../etc/passwd", "/etc/localtime", "Europe", "right/UTC"],
)
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(UnknownZone):
        Zone(name)


def test_zones_are_equal_by_name() -> None:
    assert Zone("Europe/Amsterdam") == AMSTERDAM
    assert len({Zone("Europe/Amsterdam"), AMSTERDAM, Zone("Europe/Berlin")}) == 2


def test_days_of_the_week_and_dates() -> None:
    wall = wall_time(2026, 12, 25, 3, 15)
    assert day_of(wall) == date(2026, 12, 25)
    assert weekday_of(wall) == date(2026, 12, 25).weekday() == 4
