"""Who is on call: exact tables, and every answer against a slow reading of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.duty import Duty, DutySpan, Shift, duty_at, duty_span_at, is_present, reached_by, shifts_between
from routing.roster import Override, Roster, Rotation, Span, Window
from routing.walltime import Zone, local_text, parse_moment, wall_time
from tests.routing.slow_reading import DAY, HOUR, slow_duty, small_roster, varied_roster

AMSTERDAM = Zone("Europe/Amsterdam")
NIGHTS = (Window(frozenset(range(5)), 17 * HOUR, 33 * HOUR), Window(frozenset({5, 6}), 0, 24 * HOUR))
ALL_DAY = frozenset(range(7))


def at(text: str) -> int:
    return parse_moment(text, AMSTERDAM)


def span(start: str, end: str) -> Span:
    return Span(at(start), at(end))


def only(
    rotation: Rotation, *overrides: Override, away: Mapping[str, tuple[Span, ...]] | None = None
) -> Roster:
    return small_roster("Europe/Amsterdam", {rotation.id: rotation}, overrides, away)


def weekly(*members: str, hours: tuple[Window, ...] | None = None) -> Rotation:
    return Rotation("first", members, wall_time(2026, 11, 2, 9), 7 * DAY, hours)


def table(roster: Roster, start: str, end: str) -> list[tuple[str, str, str, str]]:
    return [
        (shift.person, local_text(shift.start, AMSTERDAM), local_text(shift.end, AMSTERDAM), shift.why)
        for shift in shifts_between(roster, "first", at(start), at(end))
    ]


# -- handoffs ---------------------------------------------------------------------------------


def test_a_weekly_handoff_is_at_nine_before_and_after_both_clock_changes() -> None:
    roster = only(Rotation("first", ("ada", "bo", "chi"), wall_time(2026, 10, 12, 9), 7 * DAY))
    assert table(roster, "2026-10-12T09:00", "2026-11-09T09:00") == [
        ("ada", "2026-10-12 09:00", "2026-10-19 09:00", "turn"),
        ("bo", "2026-10-19 09:00", "2026-10-26 09:00", "turn"),
        ("chi", "2026-10-26 09:00", "2026-11-02 09:00", "turn"),
        ("ada", "2026-11-02 09:00", "2026-11-09 09:00", "turn"),
    ]
    lengths = [
        (shift.end - shift.start) // HOUR
        for shift in shifts_between(roster, "first", at("2026-10-19T09:00"), at("2027-04-05T09:00"))
    ]
    assert lengths == [169] + [168] * 21 + [167] + [168]


def test_a_twelve_hour_turn_hands_off_at_the_same_two_times_all_year() -> None:
    roster = only(Rotation("first", ("ada", "bo"), wall_time(2026, 10, 24, 21), 12 * HOUR))
    assert table(roster, "2026-10-24T21:00", "2026-10-26T09:00") == [
        ("ada", "2026-10-24 21:00", "2026-10-25 09:00", "turn"),
        ("bo", "2026-10-25 09:00", "2026-10-25 21:00", "turn"),
        ("ada", "2026-10-25 21:00", "2026-10-26 09:00", "turn"),
    ]
    hours = [
        (shift.end - shift.start) // HOUR
        for start, end in (("2026-10-24T21:00", "2026-10-25T21:00"), ("2027-03-27T21:00", "2027-03-28T21:00"))
        for shift in shifts_between(roster, "first", at(start), at(end))
    ]
    assert hours == [13, 12, 11, 12]


def test_a_handoff_in_the_doubled_hour_is_in_the_first_of_the_two() -> None:
    roster = only(Rotation("first", ("ada", "bo"), wall_time(2026, 10, 24, 2, 30), DAY))
    handoff = at("2026-10-25T02:30")
    assert duty_at(roster, "first", handoff - 1).person == "ada"
    assert [
        duty_at(roster, "first", handoff + minutes * 60).person for minutes in (0, 29, 30, 59, 60, 90)
    ] == ["bo"] * 6


def test_a_handoff_in_the_missing_hour_is_read_with_the_clock_before_the_jump() -> None:
    roster = only(Rotation("first", ("ada", "bo"), wall_time(2027, 3, 27, 2, 30), DAY))
    assert table(roster, "2027-03-27T12:00", "2027-03-29T12:00") == [
        ("ada", "2027-03-27 12:00", "2027-03-28 03:30", "turn"),
        ("bo", "2027-03-28 03:30", "2027-03-29 02:30", "turn"),
        ("ada", "2027-03-29 02:30", "2027-03-29 12:00", "turn"),
    ]


def test_turns_go_on_over_new_year_and_the_leap_day() -> None:
    roster = only(Rotation("first", ("ada", "bo", "chi"), wall_time(2027, 12, 31, 9), DAY))
    assert table(roster, "2027-12-31T09:00", "2028-01-02T09:00") == [
        ("ada", "2027-12-31 09:00", "2028-01-01 09:00", "turn"),
        ("bo", "2028-01-01 09:00", "2028-01-02 09:00", "turn"),
    ]
    assert table(roster, "2028-02-28T12:00", "2028-03-01T12:00") == [
        ("chi", "2028-02-28 12:00", "2028-02-29 09:00", "turn"),
        ("ada", "2028-02-29 09:00", "2028-03-01 09:00", "turn"),
        ("bo", "2028-03-01 09:00", "2028-03-01 12:00", "turn"),
    ]


def test_a_handoff_is_a_boundary_even_when_the_same_person_goes_on() -> None:
    assert table(only(weekly("ada")), "2026-11-07T00:00", "2026-11-10T00:00") == [
        ("ada", "2026-11-07 00:00", "2026-11-09 09:00", "turn"),
        ("ada", "2026-11-09 09:00", "2026-11-10 00:00", "turn"),
    ]


# -- hours, overrides, absences ---------------------------------------------------------------


def test_windows_that_touch_or_overlap_are_one_shift() -> None:
    roster = only(weekly("ada", "bo", hours=NIGHTS))
    assert table(roster, "2026-11-05T12:00", "2026-11-10T12:00") == [
        ("ada", "2026-11-05 17:00", "2026-11-06 09:00", "turn"),
        # Friday night runs into Saturday, and Saturday into Sunday.
        ("ada", "2026-11-06 17:00", "2026-11-09 00:00", "turn"),
        ("bo", "2026-11-09 17:00", "2026-11-10 09:00", "turn"),
    ]


def test_a_night_window_is_an_hour_longer_and_shorter_at_the_clock_changes() -> None:
    nightly = (Window(ALL_DAY, 17 * HOUR, 33 * HOUR),)
    rotation = Rotation("first", ("ada",), wall_time(2026, 1, 1, 12), 28 * DAY, nightly)
    roster = only(rotation)
    hours = [
        (shift.end - shift.start) // HOUR
        for day in ("2026-10-23T12:00", "2027-03-26T12:00")
        for shift in shifts_between(roster, "first", at(day), at(day) + 3 * DAY)
    ]
    assert hours == [16, 17, 16, 16, 15, 16]


def test_the_last_override_in_the_file_wins() -> None:
    long = Override("first", span("2026-11-03T00:00", "2026-11-06T00:00"), "bo")
    short = Override("first", span("2026-11-04T00:00", "2026-11-05T00:00"), "chi")
    assert table(only(weekly("ada"), long, short), "2026-11-02T09:00", "2026-11-09T09:00") == [
        ("ada", "2026-11-02 09:00", "2026-11-03 00:00", "turn"),
        ("bo", "2026-11-03 00:00", "2026-11-04 00:00", "override"),
        ("chi", "2026-11-04 00:00", "2026-11-05 00:00", "override"),
        ("bo", "2026-11-05 00:00", "2026-11-06 00:00", "override"),
        ("ada", "2026-11-06 00:00", "2026-11-09 09:00", "turn"),
    ]
    assert [
        row[0] for row in table(only(weekly("ada"), short, long), "2026-11-02T09:00", "2026-11-09T09:00")
    ] == [
        "ada",
        "bo",
        "ada",
    ]


def test_two_overrides_that_follow_each_other_are_two_shifts() -> None:
    one = Override("first", span("2026-11-03T00:00", "2026-11-04T00:00"), "bo")
    two = Override("first", span("2026-11-04T00:00", "2026-11-05T00:00"), "bo")
    shifts = table(only(weekly("ada"), one, two), "2026-11-03T00:00", "2026-11-05T00:00")
    assert shifts == [
        ("bo", "2026-11-03 00:00", "2026-11-04 00:00", "override"),
        ("bo", "2026-11-04 00:00", "2026-11-05 00:00", "override"),
    ]


def test_an_override_puts_someone_on_call_outside_hours_and_before_the_start() -> None:
    early = Override("first", span("2026-10-01T00:00", "2026-10-02T00:00"), "bo")
    daytime = Override("first", span("2026-11-03T10:00", "2026-11-03T12:00"), "bo")
    roster = only(weekly("ada", hours=NIGHTS), early, daytime)
    assert duty_at(roster, "first", at("2026-10-01T12:00")) == Duty("bo", "override")
    assert duty_at(roster, "first", at("2026-10-03T12:00")) == Duty(None, "not started")
    assert duty_at(roster, "first", at("2026-11-03T11:00")) == Duty("bo", "override")
    assert duty_at(roster, "first", at("2026-11-03T13:00")) == Duty(None, "off hours")


def test_an_override_of_another_rotation_changes_nothing_here() -> None:
    other = Override("second", span("2026-11-03T00:00", "2026-11-04T00:00"), "bo")
    rotations = {
        "first": weekly("ada"),
        "second": Rotation("second", ("chi",), wall_time(2026, 11, 2, 9), DAY),
    }
    roster = small_roster("Europe/Amsterdam", rotations, (other,))
    assert duty_at(roster, "first", at("2026-11-03T12:00")) == Duty("ada", "turn")
    assert duty_at(roster, "second", at("2026-11-03T12:00")) == Duty("bo", "override")


def test_somebody_who_is_away_leaves_a_hole_and_moves_nobodys_turn() -> None:
    away = {
        "ada": (span("2026-11-04T00:00", "2026-11-05T00:00"), span("2026-11-08T00:00", "2026-11-12T00:00"))
    }
    roster = only(weekly("ada", "bo"), away=away)
    assert table(roster, "2026-11-02T09:00", "2026-11-23T09:00") == [
        ("ada", "2026-11-02 09:00", "2026-11-04 00:00", "turn"),
        ("ada", "2026-11-05 00:00", "2026-11-08 00:00", "turn"),
        ("bo", "2026-11-09 09:00", "2026-11-16 09:00", "turn"),
        ("ada", "2026-11-16 09:00", "2026-11-23 09:00", "turn"),
    ]
    assert duty_at(roster, "first", at("2026-11-08T12:00")) == Duty(None, "away")


def test_an_override_does_not_bring_back_somebody_who_is_away() -> None:
    override = Override("first", span("2026-11-03T00:00", "2026-11-05T00:00"), "bo")
    roster = only(weekly("ada"), override, away={"bo": (span("2026-11-04T00:00", "2026-11-06T00:00"),)})
    assert duty_at(roster, "first", at("2026-11-03T12:00")) == Duty("bo", "override")
    assert duty_at(roster, "first", at("2026-11-04T12:00")) == Duty(None, "away")
    assert duty_at(roster, "first", at("2026-11-05T12:00")) == Duty("ada", "turn")


def test_spans_begin_with_their_first_second_and_end_before_their_last() -> None:
    override = Override("first", span("2026-11-03T00:00", "2026-11-04T00:00"), "bo")
    roster = only(weekly("ada"), override)
    start, end = override.span.start, override.span.end
    people = [duty_at(roster, "first", moment).person for moment in (start - 1, start, end - 1, end)]
    assert people == ["ada", "bo", "bo", "ada"]
    assert duty_at(roster, "first", at("2026-11-02T08:59")).person is None
    assert duty_at(roster, "first", at("2026-11-02T09:00")).person == "ada"


# -- the stretch around an instant ------------------------------------------------------------


def test_off_hours_last_over_a_handoff_and_an_absence_does_not() -> None:
    lunch = (Window(ALL_DAY, 12 * HOUR, 13 * HOUR),)
    roster = only(weekly("ada", "bo", hours=lunch))
    assert duty_span_at(roster, "first", at("2026-11-09T09:00")) == DutySpan(
        None, "off hours", at("2026-11-08T13:00"), at("2026-11-09T12:00")
    )
    roster = only(weekly("ada"), away={"ada": (span("2026-11-04T00:00", "2026-11-20T00:00"),)})
    assert duty_span_at(roster, "first", at("2026-11-10T09:00")) == DutySpan(
        None, "away", at("2026-11-09T09:00"), at("2026-11-16T09:00")
    )


def test_two_absences_that_touch_are_one() -> None:
    away = {
        "ada": (span("2026-11-04T00:00", "2026-11-05T00:00"), span("2026-11-05T00:00", "2026-11-06T00:00"))
    }
    assert duty_span_at(only(weekly("ada"), away=away), "first", at("2026-11-04T09:00")) == DutySpan(
        None, "away", at("2026-11-04T00:00"), at("2026-11-06T00:00")
    )


def test_before_its_start_a_rotation_was_never_otherwise() -> None:
    roster = only(weekly("ada"))
    assert duty_span_at(roster, "first", at("2010-01-01T00:00")) == DutySpan(
        None, "not started", None, at("2026-11-02T09:00")
    )


def test_a_stretch_may_last_for_years() -> None:
    override = Override("first", span("2027-01-01T00:00", "2061-01-01T00:00"), "bo")
    roster = only(weekly("ada"), override)
    assert duty_span_at(roster, "first", at("2040-06-01T00:00")) == DutySpan(
        "bo", "override", override.span.start, override.span.end
    )


def test_a_turn_that_outlasts_the_century_has_no_end() -> None:
    roster = only(Rotation("first", ("ada",), wall_time(2095, 1, 1), 520 * 7 * DAY))
    assert duty_span_at(roster, "first", at("2098-01-01T00:00")) == DutySpan(
        "ada", "turn", at("2095-01-01T00:00"), None
    )


def test_an_override_before_the_start_is_followed_by_waiting() -> None:
    early = Override("first", span("2026-10-01T00:00", "2026-10-02T00:00"), "bo")
    roster = only(weekly("ada"), early)
    assert duty_span_at(roster, "first", at("2026-10-20T00:00")) == DutySpan(
        None, "not started", at("2026-10-02T00:00"), at("2026-11-02T09:00")
    )
    assert duty_span_at(roster, "first", at("2026-09-20T00:00")).since is None


# -- names on a step --------------------------------------------------------------------------


def test_a_name_on_a_step_leads_to_a_person_or_to_a_reason() -> None:
    roster = only(weekly("ada", "bo"), away={"bo": (span("2026-11-04T00:00", "2026-11-05T00:00"),)})
    moment = at("2026-11-04T12:00")
    assert reached_by(roster, "first", moment) == ("ada", "turn")
    assert reached_by(roster, "ada", moment) == ("ada", "named")
    assert reached_by(roster, "bo", moment) == (None, "away")
    assert not is_present(roster, "bo", moment)
    assert is_present(roster, "bo", at("2026-11-05T00:00"))


def test_a_rotation_that_is_not_in_the_roster_is_an_error() -> None:
    with pytest.raises(KeyError):
        duty_at(only(weekly("ada")), "second", 0)


# -- against the slow reading -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "year", "days"),
    [
        ("Europe/Amsterdam", 2026, ((3, 28), (10, 25))),
        ("America/New_York", 2026, ((3, 8), (11, 1))),
        # Half an hour is added and taken away here.
        ("Australia/Lord_Howe", 2026, ((4, 5), (10, 4))),
        ("Asia/Kathmandu", 2026, ((3, 28), (12, 31))),
    ],
)
def test_every_ten_minutes_around_a_clock_change_the_rules_are_kept(
    zone: str, year: int, days: tuple[tuple[int, int], ...]
) -> None:
    roster = varied_roster(zone, year)
    for month, day in days:
        middle = wall_time(year, month, day) - Zone(zone).wall(0)
        for moment in range(middle - 36 * HOUR, middle + 48 * HOUR, 600):
            for rotation in roster.rotations:
                duty = duty_at(roster, rotation, moment)
                assert (duty.person, duty.why) == slow_duty(roster, rotation, moment), (rotation, moment)


def test_every_few_hours_of_two_years_the_rules_are_kept() -> None:
    roster = varied_roster("Europe/Amsterdam", 2027)
    for moment in range(at("2026-12-25"), at("2028-03-05"), 5 * HOUR + 1260):
        for rotation in ("weekly", "twelve-hours", "nights"):
            duty = duty_at(roster, rotation, moment)
            assert (duty.person, duty.why) == slow_duty(roster, rotation, moment)


def test_a_day_that_was_skipped_altogether_has_no_turns_of_its_own() -> None:
    # Samoa went from the 29th to the 31st of December 2011.
    rotation = Rotation("first", ("ada", "bo", "chi", "dee", "eva"), wall_time(2011, 12, 20), HOUR)
    roster = small_roster("Pacific/Apia", {"first": rotation})
    skipped = Zone("Pacific/Apia").instant(wall_time(2011, 12, 31))
    for moment in range(skipped - 30 * HOUR, skipped + 30 * HOUR, 900):
        assert duty_at(roster, "first", moment).person == slow_duty(roster, "first", moment)[0]


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    people = ["ada", "bo", "chi"]
    base = wall_time(2026, 10, 20)
    moments = st.integers(0, 14 * 48).map(lambda half_hours: base + half_hours * 1800)
    spans = st.tuples(moments, st.integers(1, 200)).map(lambda pair: Span(pair[0], pair[0] + pair[1] * 1800))
    windows = st.builds(
        lambda days, start, length: Window(days, start * 1800, (start + length) * 1800),
        st.frozensets(st.integers(0, 6), min_size=1),
        st.integers(0, 47),
        st.integers(1, 48),
    )
    rotation = Rotation(
        "first",
        tuple(draw(st.lists(st.sampled_from(people), min_size=1, max_size=4))),
        draw(moments),
        draw(st.sampled_from([HOUR, 5 * HOUR, 12 * HOUR, DAY, 7 * DAY])),
        draw(st.none() | st.lists(windows, min_size=1, max_size=3).map(tuple)),
    )
    overrides = draw(
        st.lists(st.builds(Override, st.just("first"), spans, st.sampled_from(people)), max_size=5)
    )
    away = draw(st.dictionaries(st.sampled_from(people), st.lists(spans, max_size=2).map(tuple)))
    zone = draw(st.sampled_from(["Europe/Amsterdam", "Australia/Lord_Howe", "America/New_York"]))
    everybody = (Override("first", Span(0, 1), name) for name in people)
    return small_roster(zone, {"first": rotation}, (*everybody, *overrides), away)


@settings(max_examples=60, deadline=None)
@given(roster=rosters(), start=st.integers(0, 14 * 24), hours=st.integers(1, 14 * 24))
def test_shifts_are_the_answers_at_their_edges_and_leave_no_answer_out(
    roster: Roster, start: int, hours: int
) -> None:
    start = wall_time(2026, 10, 20) + start * HOUR
    end = start + hours * HOUR
    shifts = shifts_between(roster, "first", start, end)
    assert all(start <= shift.start < shift.end <= end for shift in shifts)
    assert all(earlier.end <= later.start for earlier, later in pairwise(shifts))
    for shift in shifts:
        for moment in (shift.start, (shift.start + shift.end) // 2, shift.end - 1):
            assert slow_duty(roster, "first", moment) == (shift.person, shift.why)
            around = duty_span_at(roster, "first", moment)
            assert around.since is not None
            assert (around.person, max(around.since, start)) == (shift.person, shift.start)
            assert min(around.until or end, end) == shift.end
    edges = [start, *(edge for shift in shifts for edge in (shift.start, shift.end)), end]
    for nobody_from, until in zip(edges[::2], edges[1::2], strict=True):
        for moment in {nobody_from, (nobody_from + until) // 2, until - 1} if until > nobody_from else ():
            assert slow_duty(roster, "first", moment)[0] is None
            assert duty_at(roster, "first", moment).person is None


@settings(max_examples=60, deadline=None)
@given(roster=rosters(), hours=st.lists(st.integers(0, 400), min_size=2, max_size=8, unique=True))
def test_shifts_of_parts_are_the_shifts_of_the_whole(roster: Roster, hours: list[int]) -> None:
    cuts = sorted(wall_time(2026, 10, 18) + each * HOUR for each in hours)
    parts = [shift for start, end in pairwise(cuts) for shift in shifts_between(roster, "first", start, end)]
    joined: list[Shift] = []
    whole = shifts_between(roster, "first", cuts[0], cuts[-1])
    ends = {shift.end for shift in whole}
    for shift in parts:
        if joined and joined[-1].end == shift.start and shift.start not in ends:
            joined.append(replace(shift, start=joined.pop().start))
        else:
            joined.append(shift)
    assert joined == whole


def test_nothing_lies_between_equal_ends() -> None:
    assert shifts_between(only(weekly("ada")), "first", at("2026-11-03"), at("2026-11-03")) == []


def test_a_changed_roster_is_asked_anew() -> None:
    roster = only(weekly("ada"))
    assert duty_at(roster, "first", at("2026-11-03")).person == "ada"
    changed = only(weekly("bo"))
    assert duty_at(changed, "first", at("2026-11-03")).person == "bo"


def test_asking_about_many_centuries_does_not_fill_the_memory() -> None:
    roster = only(weekly("ada", "bo"))
    for week in range(0, 100 * 52, 7):
        duty_at(roster, "first", week * 7 * DAY + 946_684_800)
    assert len(roster.memo.blocks) <= 512
