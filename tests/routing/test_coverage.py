"""What a coordinator is warned of, and the shipped roster that needs no warning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.cautions import language_warnings
from routing.coverage import Gap, Thin, examine, gaps_between, thin_between
from routing.duty import reached_by
from routing.hours import opening_at
from routing.reach import policy_chain
from routing.reading import read_roster
from routing.roster import Roster, Span
from routing.walltime import DAY, HOUR, Zone, parse_moment
from routing.wording import sentence

AMSTERDAM = Zone("Europe/Amsterdam")
SHIPPED = Path(__file__).parents[2] / "oncall_schedule.yaml"

BASE = """\
version: 1
timezone: Europe/Amsterdam
people:
  ada: {name: Ada, phone: "+46701740605", languages: [nl]}
  bo: {name: Bo, phone: "+46701740606", languages: [nl]}
  chi: {name: Chi, phone: "+46701740607", languages: [nl]}
  dee: {name: Dee, phone: "+46701740608", languages: [nl]}
rotations:
  first: {members: [ada, bo, chi, dee], starts: 2026-11-02T09:00, turn: 7 days}
  second: {members: [chi, dee, ada, bo], starts: 2026-11-02T09:00, turn: 7 days}
overrides: []
policies:
  desk:
    steps: [{ring: [ada, bo], seconds: 20}]
    otherwise: crisis
  crisis:
    steps: [{ring: first, seconds: 20}, {ring: second, seconds: 20}]
lines:
  helpdesk:
    number: "+31334481186"
    name: Helpdesk
    languages: [nl]
    hours: {mon-fri: "09:00-17:00"}
    open: desk
    closed: crisis
"""
NOW = "2026-11-21T12:00"


def at(text: str) -> int:
    return parse_moment(text, AMSTERDAM)


def read(text: str) -> Roster:
    reading = read_roster(text.encode())
    assert reading.roster is not None, reading.problems
    return reading.roster


def changed(*changes: tuple[str, str]) -> Roster:
    text = BASE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read(text)


def warned(roster: Roster, now: str = NOW) -> dict[str, list[tuple[int, str]]]:
    """Lines and paths of each kind of warning, less those for numbers nobody has."""
    found: dict[str, list[tuple[int, str]]] = {}
    for warning in examine(roster, at(now)).warnings:
        if warning.code != "number.fictional":
            found.setdefault(warning.code, []).append((warning.line, warning.path))
    return found


AWAY = "languages: [nl], away: [{from: 2026-12-01T00:00, until: 2026-12-03T00:00}]}"


def away(*people: str) -> Callable[[], Roster]:
    names = {"ada": "05", "bo": "06", "chi": "07", "dee": "08"}
    return lambda: changed(
        *(
            (f'"+467017406{names[each]}", languages: [nl]}}', f'"+467017406{names[each]}", {AWAY}')
            for each in people
        )
    )


def test_a_whole_roster_needs_no_warning() -> None:
    assert warned(read(BASE)) == {}
    assert examine(read(BASE), at(NOW)).gaps == ()


# -- gaps and thin cover ----------------------------------------------------------------------


def test_a_stretch_without_anybody_is_a_gap() -> None:
    # In the week from 30 November ada is first and chi second.
    roster = away("ada", "chi")()
    during = at("2026-11-30"), at("2026-12-06")
    assert gaps_between(roster, *during) == [
        Gap("helpdesk", at("2026-12-01T00:00"), at("2026-12-01T09:00")),
        Gap("helpdesk", at("2026-12-01T17:00"), at("2026-12-02T09:00")),
        Gap("helpdesk", at("2026-12-02T17:00"), at("2026-12-03T00:00")),
    ]
    # At the desk bo is there.
    assert thin_between(roster, *during) == [
        Thin("helpdesk", "bo", at("2026-12-01T09:00"), at("2026-12-01T17:00")),
        Thin("helpdesk", "bo", at("2026-12-02T09:00"), at("2026-12-02T17:00")),
    ]
    examination = examine(roster, at(NOW))
    assert list(examination.gaps) == gaps_between(roster, *during)
    warning = next(warning for warning in examination.warnings if warning.code == "cover.gap")
    assert (warning.line, warning.path) == (19, "lines.helpdesk")
    assert "2026-12-01 00:00" in sentence(warning, "nl")
    assert "2" in sentence(warning, "en").split("60 days")[-1]


def test_an_empty_desk_is_no_gap_while_its_otherwise_reaches_somebody() -> None:
    roster = away("ada", "bo")()
    assert gaps_between(roster, at("2026-11-30"), at("2026-12-06")) == []


def test_one_person_on_every_step_is_thin_cover_with_nobody_behind() -> None:
    roster = changed(("members: [chi, dee, ada, bo]", "members: [ada, bo, chi, dee]"))
    thin = thin_between(roster, at("2026-11-28"), at("2026-12-08"))
    assert [(each.person, each.start, each.end) for each in thin][:2] == [
        ("dee", at("2026-11-28"), at("2026-11-30T09:00")),
        ("ada", at("2026-11-30T17:00"), at("2026-12-01T09:00")),
    ]
    found = warned(roster)
    assert found["cover.thin"] == [(19, "lines.helpdesk")]
    assert found["cover.double"] == [(17, "policies.crisis.steps[1].ring")]


def test_a_step_for_people_of_an_earlier_step_has_nobody_behind() -> None:
    found = warned(
        changed(("{ring: second, seconds: 20}", "{ring: [bo, chi], seconds: 20}, {ring: chi, seconds: 20}"))
    )
    assert found["cover.double"] == [(17, "policies.crisis.steps[2].ring")]


def test_gaps_begin_now_at_the_earliest_and_end_after_sixty_days() -> None:
    roster = changed(
        ("starts: 2026-11-02T09:00", "starts: 2031-11-02T09:00"), ("[ada, bo], sec", "first, sec")
    )
    examination = examine(roster, at(NOW))
    assert examination.gaps == (Gap("helpdesk", at(NOW), at(NOW) + 60 * DAY),)


@settings(max_examples=25, deadline=None)
@given(
    away=st.lists(st.tuples(st.integers(0, 14 * 24), st.integers(1, 14 * 24)), min_size=4, max_size=4),
    moments=st.lists(st.integers(0, 14 * 24 * 60 - 1), min_size=20, max_size=20),
)
def test_gaps_and_thin_cover_agree_with_whom_each_name_leads_to(
    away: list[tuple[int, int]], moments: list[int]
) -> None:
    whole, start = read(BASE), at("2026-11-30")
    people = {
        person.id: replace(person, away=(Span(start + begin * HOUR, start + (begin + length) * HOUR),))
        for person, (begin, length) in zip(whole.people.values(), away, strict=True)
    }
    roster = replace(whole, people=people)
    gaps = gaps_between(roster, start, start + 14 * DAY)
    thin = thin_between(roster, start, start + 14 * DAY)
    for moment in (start + minute * 60 for minute in moments):
        policy = opening_at(roster, "helpdesk", moment).policy
        names = [name for each in policy_chain(roster, policy) for step in each.steps for name in step.ring]
        reached = {person for name in names if (person := reached_by(roster, name, moment)[0])}
        assert any(gap.start <= moment < gap.end for gap in gaps) == (not reached)
        alone = [each.person for each in thin if each.start <= moment < each.end]
        assert alone == (list(reached) if len(reached) == 1 else [])


# -- overrides --------------------------------------------------------------------------------


def with_overrides(*overrides: str) -> Roster:
    rows = "".join(f"\n  - {{rotation: first, {each}}}" for each in overrides)
    return changed(("overrides: []", f"overrides:{rows}"))


def test_an_override_with_a_purpose_is_not_warned_of() -> None:
    assert warned(with_overrides("from: 2026-12-01T00:00, until: 2026-12-02T00:00, person: bo")) == {}


def test_overrides_that_overlap_are_warned_of_at_the_later_one() -> None:
    found = warned(
        with_overrides(
            "from: 2026-12-01T00:00, until: 2026-12-02T00:00, person: bo",
            "from: 2026-12-01T12:00, until: 2026-12-02T12:00, person: dee",
        )
    )
    assert found == {"override.overlap": [(13, "overrides[1]")]}


def test_an_override_hidden_by_later_ones_has_no_effect() -> None:
    found = warned(
        with_overrides(
            "from: 2026-12-01T00:00, until: 2026-12-02T00:00, person: bo",
            "from: 2026-12-01T00:00, until: 2026-12-01T12:00, person: dee",
            "from: 2026-12-01T12:00, until: 2026-12-03T12:00, person: dee",
        )
    )
    assert found["override.hidden"] == [(12, "overrides[0]")]


def test_an_override_for_whoever_is_on_anyway_has_no_effect() -> None:
    found = warned(with_overrides("from: 2026-12-01T00:00, until: 2026-12-02T00:00, person: ada"))
    assert found == {"override.same": [(12, "overrides[0]")]}


def test_an_override_that_undoes_another_has_an_effect() -> None:
    found = warned(
        with_overrides(
            "from: 2026-12-01T00:00, until: 2026-12-02T00:00, person: bo",
            "from: 2026-12-01T12:00, until: 2026-12-01T18:00, person: ada",
        )
    )
    assert found == {"override.overlap": [(13, "overrides[1]")]}


def test_overrides_that_are_over_are_counted_in_one_warning() -> None:
    roster = with_overrides(
        "from: 2026-11-03T00:00, until: 2026-11-04T00:00, person: bo",
        "from: 2026-11-04T00:00, until: 2026-11-05T00:00, person: bo",
    )
    past = [warning for warning in examine(roster, at(NOW)).warnings if warning.code == "override.past"]
    assert [(warning.path, warning.details["count"]) for warning in past] == [("overrides[0]", "2")]


# -- rest -------------------------------------------------------------------------------------


def test_two_people_who_alternate_weeks_are_first_on_call_for_fourteen_days_only() -> None:
    roster = changed(
        ("members: [ada, bo, chi, dee]", "members: [ada, bo]"), ("[ada, bo], sec", "second, sec")
    )
    for now in ("2026-11-21T12:00", "2027-03-20T12:00", "2027-10-10T12:00"):
        assert "rest.days" not in warned(roster, now)


def test_two_weeks_of_three_first_on_call_are_too_many() -> None:
    roster = changed(("members: [ada, bo, chi, dee]", "members: [ada, ada, bo]"))
    assert warned(roster)["rest.days"] == [(4, "people.ada")]


def test_every_night_first_on_call_is_too_much_and_leaves_no_free_days() -> None:
    nights = 'turn: 7 days, hours: [{days: daily, from: "17:00", until: "09:00"}]}'
    roster = changed(
        (
            "[ada, bo, chi, dee], starts: 2026-11-02T09:00, turn: 7 days}",
            f"[dee], starts: 2026-11-02T09:00, {nights}",
        ),
        ("members: [chi, dee, ada, bo]", "members: [ada, bo, chi]"),
    )
    found = warned(roster)
    assert (7, "people.dee") in found["rest.days"]
    assert (7, "people.dee") in found["rest.spans"]


def test_one_free_week_in_four_is_rest_enough_and_none_is_not() -> None:
    three_of_four = changed(("members: [chi, dee, ada, bo]", "members: [bo, chi, dee, dee]"))
    assert "rest.spans" not in warned(three_of_four)
    always = changed(
        ("members: [chi, dee, ada, bo]", "members: [dee]"), ("[ada, bo, chi, dee]", "[ada, bo, chi]")
    )
    assert warned(always)["rest.spans"] == [(7, "people.dee")]


def test_office_hours_at_the_desk_are_not_counted_as_being_first_on_call() -> None:
    roster = changed(
        ("ring: [ada, bo]", "ring: [dee, bo]"), ("members: [ada, bo, chi, dee]", "members: [ada, bo, chi]")
    )
    assert "rest.days" not in warned(roster)


# -- what is written --------------------------------------------------------------------------


def test_a_ladder_of_over_three_minutes_is_warned_of() -> None:
    # The desk takes 2 x 25 s and the crisis 2 x 2 x 25 s: 150 s together. Then 2 x 16 s more.
    two_rounds = "{ring: second, seconds: 20}]\n    rounds: 2"
    assert warned(changed(("{ring: second, seconds: 20}]", two_rounds))) == {}
    found = warned(changed(("{ring: second, seconds: 20}]", two_rounds.replace("20", "36"))))
    assert found == {"ladder.long": [(13, "policies.desk")]}


def test_a_language_of_a_line_without_prompts_is_warned_of_where_it_stands() -> None:
    roster = changed(("    languages: [nl]\n", "    languages: [nl, pl]\n"))
    assert list(language_warnings(roster, {"nl", "pl"})) == []
    (warning,) = language_warnings(roster, {"nl", "en"})
    assert (warning.line, warning.path) == (22, "lines.helpdesk.languages[1]")
    assert "Add hotline/prompts/pl.yaml" in sentence(warning, "en")


def test_people_who_share_a_telephone_or_a_name_are_warned_of() -> None:
    assert warned(changed(("+46701740606", "+46701740605"))) == {"person.phone": [(5, "people.bo.phone")]}
    assert warned(changed(("name: Bo", "name: ' ada '"))) == {"person.name": [(5, "people.bo.name")]}


def test_somebody_with_the_number_of_the_line_is_warned_of() -> None:
    assert warned(changed(("+46701740606", "+31334481186"))) == {"phone.line": [(5, "people.bo.phone")]}


def test_numbers_of_examples_are_warned_of() -> None:
    warnings = examine(read(BASE.replace("+31334481186", "+442079460001")), at(NOW)).warnings
    fictional = [(warning.line, warning.path) for warning in warnings if warning.code == "number.fictional"]
    names = ("ada", "bo", "chi", "dee")
    assert fictional == [
        *((line, f"people.{name}.phone") for line, name in enumerate(names, 4)),
        (20, "lines.helpdesk.number"),
    ]


# -- the roster we ship -----------------------------------------------------------------------


def test_the_shipped_roster_needs_no_warning_but_that_its_numbers_are_examples() -> None:
    roster = read(SHIPPED.read_text())
    for now in range(at("2026-11-21T00:00"), at("2030-12-31T00:00"), 27 * DAY + 5 * HOUR):
        examination = examine(roster, now)
        assert examination.gaps == ()
        assert {warning.code for warning in examination.warnings} == {"number.fictional"}
        assert thin_between(roster, now, now + 60 * DAY) == []


@pytest.mark.parametrize("language", ["nl", "en"])
def test_times_in_sentences_are_those_of_the_wall_clock(language: str) -> None:
    roster = away("ada", "chi")()
    texts = [
        sentence(warning, "nl" if language == "nl" else "en") for warning in examine(roster, at(NOW)).warnings
    ]
    assert any("2026-12-01 09:00" in text for text in texts)
    assert not any("{" in text for text in texts)
