"""Whom a call rings, rung by rung."""

from dataclasses import replace

from routing.ladder import LadderEnds, PassedOver, Place, Rung, ladder, longest_climb, next_rung
from routing.roster import Override, Policy, Span, Step
from tests.routing.rosters import CHRISTMAS_NIGHT, roster


def climbed(found: list[Rung]) -> list[tuple[int, int, str]]:
    return [(rung.place.round, rung.place.step, rung.person) for rung in found]


def test_the_ladder_is_climbed_step_by_step_and_round_by_round() -> None:
    assert climbed(ladder(roster(), "crisis", CHRISTMAS_NIGHT)) == [
        (1, 1, "ada"),
        (1, 2, "bo"),
        (1, 3, "chi"),
        (1, 3, "dee"),
        (2, 1, "ada"),
        (2, 2, "bo"),
        (2, 3, "chi"),
        (2, 3, "dee"),
    ]


def test_behind_the_last_round_the_next_policy_begins_at_its_foot() -> None:
    found = ladder(roster(rounds=1), "desk", CHRISTMAS_NIGHT)
    assert [(rung.place.policy, rung.person) for rung in found][:2] == [("desk", "ada"), ("crisis", "ada")]
    assert found[-1].person == "dee"


def test_an_empty_step_is_passed_over_at_once_and_the_next_rung_says_so() -> None:
    away = {"ada": (Span(0, CHRISTMAS_NIGHT + 1),), "bo": (Span(0, CHRISTMAS_NIGHT + 1),)}
    rung = next_rung(roster(away=away), Place("crisis"), CHRISTMAS_NIGHT)
    assert isinstance(rung, Rung)
    assert rung.person == "chi" and rung.why == "named"
    assert rung.passed_over == (PassedOver("first", "away"), PassedOver("second", "away"))


def test_a_person_named_in_a_step_is_not_rung_while_away() -> None:
    away = {"chi": (Span(CHRISTMAS_NIGHT, CHRISTMAS_NIGHT + 1),)}
    people = [rung.person for rung in ladder(roster(away=away, rounds=1), "crisis", CHRISTMAS_NIGHT)]
    assert people == ["ada", "bo", "dee"]
    people = [rung.person for rung in ladder(roster(away=away, rounds=1), "crisis", CHRISTMAS_NIGHT + 1)]
    assert people == ["ada", "bo", "chi", "dee"]


def test_with_everybody_away_the_ladder_ends_and_says_why() -> None:
    away = {name: (Span(0, CHRISTMAS_NIGHT + 1),) for name in ("ada", "bo", "chi", "dee")}
    end = next_rung(roster(away=away, rounds=1), Place("crisis"), CHRISTMAS_NIGHT)
    assert end == LadderEnds(tuple(PassedOver(ring, "away") for ring in ("first", "second", "chi", "dee")))


def test_an_override_is_rung_and_named_as_the_reason() -> None:
    found = roster(overrides=(Override("first", Span(CHRISTMAS_NIGHT, CHRISTMAS_NIGHT + 60), "dee"),))
    rung = next_rung(found, Place("crisis"), CHRISTMAS_NIGHT)
    assert isinstance(rung, Rung) and (rung.person, rung.why) == ("dee", "override")


def test_a_place_the_roster_no_longer_has_ends_or_goes_on_but_never_fails() -> None:
    found = roster(rounds=1)
    assert isinstance(next_rung(found, Place("gone"), CHRISTMAS_NIGHT), LadderEnds)
    assert isinstance(next_rung(found, Place("crisis", 9, 9, 9), CHRISTMAS_NIGHT), LadderEnds)
    rung = next_rung(found, Place("crisis", 1, 2, 9), CHRISTMAS_NIGHT)
    assert isinstance(rung, Rung) and rung.person == "chi"


def test_who_is_rung_is_asked_at_the_moment_of_ringing() -> None:
    handoff = Span(CHRISTMAS_NIGHT + 10, CHRISTMAS_NIGHT + 100)
    found = roster(overrides=(Override("second", handoff, "dee"),))
    before = next_rung(found, Place("crisis", 1, 1, 1), CHRISTMAS_NIGHT + 9)
    after = next_rung(found, Place("crisis", 1, 1, 1), CHRISTMAS_NIGHT + 10)
    assert isinstance(before, Rung) and before.person == "bo"
    assert isinstance(after, Rung) and after.person == "dee"


def test_the_longest_climb_counts_every_name_with_the_providers_five_seconds() -> None:
    found = roster(crisis=(Step(("first",), 25), Step(("chi", "dee"), 15)), rounds=2)
    assert longest_climb(found, "crisis") == 2 * (30 + 20 + 20)
    assert longest_climb(found, "desk") == 25 + 2 * (30 + 20 + 20)


def test_a_rotation_nobody_stands_in_yet_is_passed_over() -> None:
    found = roster(
        policies={
            "desk": Policy("desk", (Step(("first",), 20),)),
            "crisis": Policy("crisis", (Step(("first",), 20),)),
        }
    )
    late = replace(
        found,
        rotations={name: replace(rotation, starts=10**10) for name, rotation in found.rotations.items()},
    )
    assert next_rung(late, Place("crisis"), CHRISTMAS_NIGHT) == LadderEnds(
        (PassedOver("first", "not started"),)
    )
