"""What a change of the roster does to shifts, gaps, thin cover, ladders and warnings."""

from __future__ import annotations

import time
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from routing.coverage import Gap, Thin, gaps_between, thin_between
from routing.duty import duty_at
from routing.effects import Effects, LadderChange, Stretch, effects, gaps_opened, handed_over
from routing.reading import read_roster
from routing.roster import Override, Roster, Span
from routing.walltime import DAY, HOUR
from tests.rounds import rounds
from tests.routing.rosters import at, roster

START, END = at("2026-12-21T00:00"), at("2026-12-28T00:00")
EVENING = Span(at("2026-12-24T17:00"), at("2026-12-25T09:00"))
BASE = replace(roster(), policies={**roster().policies})
#: Nobody but the two rotations answers.
TWO = replace(
    BASE,
    policies={
        name: replace(
            policy, steps=tuple(step for step in policy.steps if step.ring[0] in {"first", "second"})
        )
        for name, policy in BASE.policies.items()
    },
    lines={"helpdesk": replace(BASE.lines["helpdesk"], open="crisis")},
)


def away(found: Roster, **spans: Span) -> Roster:
    people = {
        name: replace(person, away=(spans[name],) if name in spans else person.away)
        for name, person in found.people.items()
    }
    return replace(found, people=people)


def compare(before: Roster, after: Roster) -> Effects:
    return effects(before, after, START, END)


def test_an_override_gives_a_shift_to_one_and_takes_it_from_the_other() -> None:
    found = compare(BASE, replace(BASE, overrides=(Override("first", EVENING, "bo"),)))
    assert found.gained == {"bo": (Stretch("first", EVENING.start, EVENING.end, "ada"),)}
    assert found.lost == {"ada": (Stretch("first", EVENING.start, EVENING.end, "bo"),)}
    assert not (found.gaps_opened or found.gaps_closed)


def test_what_is_gained_across_a_handoff_is_one_stretch() -> None:
    rotation = replace(BASE.rotations["first"], turn=DAY)
    before = replace(BASE, rotations={**BASE.rotations, "first": rotation})
    span = Span(at("2026-12-22T12:00"), at("2026-12-25T12:00"))
    found = compare(before, replace(before, overrides=(Override("first", span, "dee"),)))
    assert found.gained == {"dee": (Stretch("first", span.start, span.end, "ada"),)}


def test_nothing_changes_when_nothing_changes() -> None:
    found = compare(BASE, replace(BASE))
    assert found == Effects({}, {}, (), (), (), (), (), (), ())


def test_an_absence_that_leaves_one_person_is_thin_and_one_that_leaves_nobody_a_gap() -> None:
    one = away(TWO, ada=EVENING)
    assert compare(TWO, one).thin_opened == (Thin("helpdesk", "bo", EVENING.start, EVENING.end),)
    assert compare(TWO, one).gaps_opened == ()
    later = Span(EVENING.start + 2 * HOUR, EVENING.end + HOUR)
    none = away(one, bo=later)
    found = compare(one, none)
    assert found.gaps_opened == (Gap("helpdesk", later.start, EVENING.end),)
    # After Ada is back, she is alone: that is new.
    assert found.thin_opened == (Thin("helpdesk", "ada", EVENING.end, later.end),)
    back = compare(none, TWO)
    assert back.gaps_closed == found.gaps_opened
    assert gaps_opened(one, none, START, END) == found.gaps_opened
    assert [thin.person for thin in back.thin_closed] == ["bo", "ada"]


def test_thin_cover_in_the_place_of_a_gap_is_no_worse() -> None:
    none, one = away(TWO, ada=EVENING, bo=EVENING), away(TWO, ada=EVENING)
    found = compare(none, one)
    assert found.gaps_closed == (Gap("helpdesk", EVENING.start, EVENING.end),)
    assert found.thin_opened == ()


def test_a_gap_that_was_there_before_is_not_opened_again() -> None:
    none = away(TWO, ada=EVENING, bo=EVENING)
    longer = Span(EVENING.start, EVENING.end + HOUR)
    assert gaps_opened(none, away(TWO, ada=longer, bo=longer), START, END) == (
        Gap("helpdesk", EVENING.end, longer.end),
    )


def test_a_new_line_without_anybody_is_a_gap_and_a_line_that_goes_is_none() -> None:
    none = away(TWO, ada=Span(START, END), bo=Span(START, END))
    second = replace(none.lines["helpdesk"], id="second", number="+442079460002")
    more = replace(none, lines={**none.lines, "second": second})
    assert gaps_opened(none, more, START, END) == (Gap("second", START, END),)
    assert gaps_opened(more, none, START, END) == ()


def test_who_is_rung_in_which_order_is_told_by_line() -> None:
    after = replace(TWO, overrides=(Override("first", EVENING, "dee"),))
    assert compare(TWO, after).ladders == (
        LadderChange("helpdesk", EVENING.start, EVENING.end, ("ada", "bo"), ("dee", "bo")),
    )


def test_only_new_warnings_are_told_wherever_the_others_have_moved_to() -> None:
    same = Override("second", Span(EVENING.start, EVENING.end), "bo")
    before = replace(BASE, overrides=(same,))
    after = replace(
        BASE, overrides=(Override("first", EVENING, "chi"), same, Override("first", EVENING, "dee"))
    )
    found = compare(before, after)
    assert [warning.code for warning in found.warnings_new] == ["override.hidden", "override.overlap"]
    assert found.warnings_gone == ()
    assert [warning.code for warning in compare(after, before).warnings_gone] == [
        "override.hidden",
        "override.overlap",
    ]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["first", "second"]),
            st.integers(-5, 170),
            st.integers(1, 40),
            st.sampled_from(["ada", "bo", "chi"]),
        ),
        max_size=4,
    ),
    st.lists(
        st.tuples(st.sampled_from(["ada", "bo", "chi"]), st.integers(-5, 170), st.integers(1, 60)), max_size=3
    ),
)
@settings(max_examples=rounds(30, 60), deadline=None)
def test_effects_are_the_difference_hour_by_hour(
    overrides: list[tuple[str, int, int, str]], absences: list[tuple[str, int, int]]
) -> None:
    def span(start: int, hours: int) -> Span:
        return Span(START + start * HOUR, START + (start + hours) * HOUR)

    after = replace(TWO, overrides=tuple(Override(name, span(s, h), who) for name, s, h, who in overrides))
    after = away(after, **{who: span(s, h) for who, s, h in absences})
    found = compare(TWO, after)
    handed = {name: handed_over(TWO, after, name, START, END) for name in ("first", "second")}
    gaps, thin_cover = gaps_between(after, START, END), thin_between(after, START, END)
    for hour in range(START, END, HOUR):
        for name in ("first", "second"):
            had, has = (duty_at(each, name, hour).person for each in (TWO, after))
            pieces = [piece for piece in handed[name] if piece[0] <= hour < piece[1]]
            assert [piece[2] for piece in pieces] == ([] if had == has else [(had, has)])
            for person in TWO.people:
                gained = found.gained.get(person, ())
                mine = [each for each in gained if each.rotation == name and each.start <= hour < each.end]
                assert bool(mine) == (has == person != had)
        gap = any(each.start <= hour < each.end for each in found.gaps_opened)
        assert gap == any(each.start <= hour < each.end for each in gaps)
        thin = any(each.start <= hour < each.end for each in found.thin_opened)
        assert thin == any(each.start <= hour < each.end for each in thin_cover)


def test_a_month_of_twelve_people_and_four_rotations_is_compared_in_a_blink() -> None:
    """Printed, not asserted: under 200 ms is promised for the whole preview."""
    before, after = (_large(line) for line in ("", LARGE_OVERRIDE))
    took = []
    for _ in range(3):
        fresh = replace(after)
        began = time.perf_counter()
        found = effects(before, fresh, START, START + 31 * DAY)
        took.append(time.perf_counter() - began)
    assert list(found.gained) == ["p3"]
    print(f"effects of one override on a month: {min(took) * 1000:.0f} ms")


LARGE_OVERRIDE = "  - {rotation: r1, from: 2026-12-24T17:00, until: 2026-12-25T09:00, person: p3}\n"


def _large(more: str) -> Roster:
    people = "".join(
        f'  p{n}: {{name: P{n}, phone: "+467017406{n + 10}", languages: [nl]}}\n' for n in range(12)
    )
    rotations = "".join(
        f"  r{k}: {{members: [{', '.join(f'p{(n + 3 * k) % 12}' for n in range(12))}],"
        " starts: 2026-11-02T09:00, turn: 12 hours}\n"
        for k in range(4)
    )
    overrides = "".join(
        f"  - {{rotation: r{n % 4}, person: p{n % 12}, from: 2026-12-{n % 20 + 1:02}T10:00,"
        f" until: 2026-12-{n % 20 + 2:02}T02:00}}\n"
        for n in range(40)
    )
    text = (
        f"version: 1\ntimezone: Europe/Amsterdam\npeople:\n{people}rotations:\n{rotations}"
        f"overrides:\n{overrides}{more}"
        "policies:\n  desk: {steps: [{ring: r3, seconds: 20}], otherwise: crisis}\n"
        "  crisis: {steps: [{ring: r0, seconds: 20}, {ring: r1, seconds: 20}, {ring: r2, seconds: 20}]}\n"
        'lines:\n  desk: {number: "+442079460001", name: Desk, languages: [nl],'
        ' hours: {mon-fri: "09:00-17:00"}, open: desk, closed: crisis}\n'
    )
    found = read_roster(text.encode()).roster
    assert found is not None
    return found
