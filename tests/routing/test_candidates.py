"""Who could take over: fit people first, and what speaks against the others."""

from __future__ import annotations

from dataclasses import replace

from routing.candidates import Candidate, candidates, languages_wanted
from routing.roster import Override, Roster, Rotation, Span, Step
from routing.walltime import wall_time
from tests.routing.rosters import at, roster

START, END = at("2026-11-03T17:00"), at("2026-11-04T09:00")


def found(these: Roster, rotation: str = "first") -> dict[str, Candidate]:
    return {each.person: each for each in candidates(these, rotation, START, END)}


def test_who_has_the_shift_is_not_asked_to_take_it() -> None:
    assert list(found(roster())) == ["chi", "dee", "bo"]


def test_who_is_on_another_rotation_then_is_busy_and_comes_later_however_little_duty_they_have() -> None:
    busy = Override("second", Span(START, END), "chi")
    tired = Override("first", Span(at("2026-11-08T09:00"), at("2026-11-11T09:00")), "dee")
    people = found(roster(overrides=(busy, tired), crisis=(Step(("first",), 25), Step(("second",), 25))))
    assert [shift.rotation for shift in people["chi"].busy] == ["second"]
    assert people["chi"].seconds < people["dee"].seconds
    assert list(people).index("dee") < list(people).index("chi")


def test_who_is_away_then_comes_last() -> None:
    these = roster(away={"chi": (Span(at("2026-11-04T08:00"), at("2026-11-04T12:00")),)})
    assert list(found(these))[-1] == "chi"
    assert found(these)["chi"].away and not found(these)["chi"].fit


def test_who_does_not_speak_a_language_of_the_line_is_said_to_lack_it() -> None:
    these = roster()
    dutch = replace(these.people["chi"], languages=("nl",))
    these = replace(these, people={**these.people, "chi": dutch})
    assert found(these)["chi"].lacks == ("en",)
    assert next(iter(found(these))) == "dee"


def test_who_takes_turns_in_the_rotation_comes_before_who_has_less_duty() -> None:
    crisis = (Step(("first",), 25),)
    these = roster(crisis=crisis)
    first = Rotation("first", ("ada", "dee", "chi"), wall_time(2026, 1, 5, 9), 7 * 86_400)
    these = replace(these, rotations={"first": first})
    taken = candidates(these, "first", at("2026-11-03T17:00"), at("2026-11-04T09:00"))
    assert taken[0].member and taken[0].seconds > 0
    assert next(each.seconds for each in taken if not each.member) == 0


def test_of_equals_who_has_least_duty_in_the_28_days_around_comes_first() -> None:
    spare = Override("first", Span(at("2026-11-08T09:00"), at("2026-11-08T21:00")), "chi")
    these = roster(overrides=(spare,), crisis=(Step(("first",), 25), Step(("second",), 25)))
    people = found(these)
    assert people["chi"].seconds == 12 * 3600
    assert next(iter(people)) == "dee"


def test_a_shift_that_would_break_the_rest_rules_is_said_to() -> None:
    spans = [(day, day + 1) for day in range(1, 27, 2)]
    taken = tuple(
        Override("first", Span(at(f"2026-11-{a:02}T09:00"), at(f"2026-11-{b:02}T09:00")), "chi")
        for a, b in spans
    )
    these = roster(overrides=taken, crisis=(Step(("first",), 25), Step(("second",), 25)))
    with_more = candidates(these, "first", at("2026-11-26T09:00"), at("2026-11-29T09:00"))
    chi = next(each for each in with_more if each.person == "chi")
    assert chi.breaks and not chi.fit


def test_the_languages_are_those_of_the_lines_that_lead_to_the_rotation() -> None:
    assert languages_wanted(roster(languages=("en", "ro")), "first") == ("en", "ro")
    assert languages_wanted(roster(crisis=(Step(("second",), 20),)), "first") == ()
