"""What changed between two versions of the roster, in the words of a coordinator."""

from __future__ import annotations

import pytest

from routing.differences import differences
from routing.reading import read_roster
from routing.roster import Roster
from routing.walltime import Zone
from routing.wording import Language
from routing.wording_differences import _WORDS, difference_words, span_words
from tests.routing.rosters import AMSTERDAM, at

NOW = at("2026-12-01T12:00")
BASE = """\
version: 1
timezone: Europe/Amsterdam
people:
  ada: {name: Ada, phone: "+46701740605", languages: [nl], email: ada@example.org}
  bo: {name: Bo, phone: "+46701740606", languages: [nl]}
  chi: {name: Chi, phone: "+46701740607", languages: [nl]}
rotations:
  first: {members: [ada, bo], starts: 2026-11-02T09:00, turn: 70 days}
  desk: {members: [bo], starts: 2026-11-02T09:00, turn: 7 days, hours: [{days: mon-fri, from: "09:00", until: "17:00"}]}
overrides:
  - {rotation: first, from: 2026-12-30T09:00, until: 2026-12-31T09:00, person: bo}
policies:
  crisis: {steps: [{ring: first, seconds: 20}]}
  day: {steps: [{ring: desk, seconds: 20}], otherwise: crisis}
lines:
  help: {number: "+442079460001", name: Helpdesk, languages: [nl], hours: {}, open: day, closed: crisis}
"""  # noqa: E501
OVERRIDE = "  - {rotation: first, from: 2026-12-24T17:00, until: 2026-12-25T09:00, person: bo}\n"


def read(text: str) -> Roster:
    reading = read_roster(text.encode())
    assert reading.roster is not None, reading.problems
    return reading.roster


def told(before: str, after: str, language: Language = "en") -> list[str]:
    found = differences(read(before), read(after))
    return [difference_words(each, AMSTERDAM, language, NOW) for each in found]


def with_override(line: str) -> str:
    return BASE.replace("policies:", line + "policies:")


def test_an_override_is_told_by_what_it_does() -> None:
    after = with_override(OVERRIDE)
    assert told(BASE, after) == ["Bo instead of Ada, 24 Dec 17:00 to 25 Dec 09:00 (first)"]
    assert told(BASE, after, "nl") == ["Bo in plaats van Ada, 24 dec 17:00 tot 25 dec 09:00 (first)"]
    assert told(after, BASE) == ["Ada instead of Bo, 24 Dec 17:00 to 25 Dec 09:00 (first)"]


def test_an_override_on_one_day_tells_the_day_once_and_another_year_its_year() -> None:
    line = OVERRIDE.replace("12-25T09:00", "12-24T21:30")
    assert told(BASE, with_override(line)) == ["Bo instead of Ada, 24 Dec 17:00 to 21:30 (first)"]
    line = OVERRIDE.replace("2026-12-25", "2027-01-02").replace("2026-12-24T17:00", "2026-12-31T09:00")
    assert told(BASE, with_override(line), "nl") == [
        "Bo in plaats van Ada, 31 dec 09:00 tot 2 jan 2027 09:00 (first)"
    ]


def test_an_hour_that_comes_twice_is_told_with_both_dates() -> None:
    start = at("2027-10-31T02:30")
    assert span_words(start, start + 3600, AMSTERDAM, "en", start) == "31 Oct 02:30 to 31 Oct 02:30"
    assert span_words(start, start + 7200, Zone("UTC"), "en", start) == "31 Oct 00:30 to 02:30"


def test_where_nobody_was_on_call_and_where_nobody_is_any_more_is_told() -> None:
    line = "  - {rotation: desk, from: 2026-12-24T17:00, until: 2026-12-24T20:00, person: ada}\n"
    assert told(BASE, with_override(line)) == ["Ada where nobody was on call, 24 Dec 17:00 to 20:00 (desk)"]
    assert told(with_override(line), BASE) == ["Nobody any more instead of Ada, 24 Dec 17:00 to 20:00 (desk)"]


def test_an_override_that_changes_nobody_is_told_as_it_is_written() -> None:
    line = OVERRIDE.replace("bo}", "ada}")
    assert told(BASE, with_override(line)) == ["Override of Ada added, 24 Dec 17:00 to 25 Dec 09:00 (first)"]
    assert told(with_override(line), BASE) == [
        "Override of Ada removed, 24 Dec 17:00 to 25 Dec 09:00 (first)"
    ]
    years = OVERRIDE.replace("2026-12-25", "2036-12-25")
    assert told(BASE, with_override(years)) == [
        "Override of Bo added, 24 Dec 17:00 to 25 Dec 2036 09:00 (first)"
    ]
    reason = with_override(OVERRIDE.replace("bo}", "bo, reason: ill}"))
    assert told(with_override(OVERRIDE), reason) == [
        "Another reason for the override of Bo, 24 Dec 17:00 to 25 Dec 09:00 (first)"
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "languages: [nl]}\n  chi",
            "languages: [nl, en]}\n  chi",
            "Languages of Bo: nl, en|Talen van Bo: nl, en",
        ),
        ("name: Ada", "name: Ada B", "Ada is now called Ada B|Ada heet nu Ada B"),
        ("740605", "740615", "Another telephone number for Ada|Ander telefoonnummer voor Ada"),
        (", email: ada@example.org", "", "E-mail address of Ada removed|E-mailadres van Ada weg"),
        ("ada@", "ada2@", "Another e-mail address for Ada|Ander e-mailadres voor Ada"),
        (
            ", email: ada@example.org",
            ", email: ada@example.org, away: [{from: 2026-12-24T00:00, until: 2027-01-02T00:00}]",
            "Ada away, 24 Dec 00:00 to 2 Jan 2027 00:00|Ada afwezig, 24 dec 00:00 tot 2 jan 2027 00:00",
        ),
        (
            "rotations:",
            '  dee: {name: Dee, phone: "+46701740608", languages: [nl]}\nrotations:',
            "Dee added|Dee erbij",
        ),
        ("[ada, bo]", "[ada, chi]", "Rotation first now has ada, chi|Rotatie first heeft nu ada, chi"),
        ("70 days", "7 days", "Other handoffs for first|Andere wisselmomenten voor first"),
        ("mon-fri, from", "daily, from", "Other hours for desk|Andere uren voor desk"),
        ("seconds: 20}]}\n  day", "seconds: 25}]}\n  day", "Other steps in crisis|Andere stappen in crisis"),
        ("20}]}\n  day", "20}], rounds: 2}\n  day", "Rounds of crisis: 2|Aantal rondes van crisis: 2"),
        (", otherwise: crisis", "", "After day now comes callback|Na day komt nu callback"),
        (
            "open: day",
            "open: crisis",
            "While Helpdesk is open, crisis now holds|Als Helpdesk open is, geldt nu crisis",
        ),
        (
            "hours: {}",
            'hours: {mon: "09:00-10:00"}',
            "Other opening hours for the line Helpdesk|Andere openingstijden voor de lijn Helpdesk",
        ),
        ("460001", "460002", "Another number for the line Helpdesk|Ander nummer voor de lijn Helpdesk"),
        ("/Amsterdam", "/Paris", "The time zone is now Europe/Paris|De tijdzone is nu Europe/Paris"),
        ("rotations:", "# a note\nrotations:", "Only notes or layout|Alleen notities of opmaak"),
    ],
)
def test_every_other_change_is_told_in_both_languages(old: str, new: str, words: str) -> None:
    assert old in BASE
    english, dutch = words.split("|")
    assert told(BASE, BASE.replace(old, new, 1)) == [english]
    assert told(BASE, BASE.replace(old, new, 1), "nl") == [dutch]


def test_no_telephone_number_stands_in_the_words() -> None:
    assert not any("740615" in words for words in told(BASE, BASE.replace("740605", "740615")))


def test_things_that_come_go_and_change_places_are_told() -> None:
    more = BASE.replace(
        "policies:",
        "  - {rotation: desk, from: 2026-12-30T09:00, until: 2026-12-30T17:00, person: chi}\npolicies:",
    )
    assert told(more, BASE) == ["Bo instead of Chi, 30 Dec 09:00 to 17:00 (desk)"]
    second = BASE.replace(
        "  help:",
        '  two: {number: "+442079460002", name: 2, languages: [nl], hours: {}, open: day, closed: day}\n'
        "  help:",
    )
    assert told(BASE, second) == ["Line two added"] and told(second, BASE) == ["Line two removed"]
    away = BASE.replace(
        "languages: [nl]}\n  chi",
        "languages: [nl], away: [{from: 2026-12-24T00:00, until: 2026-12-25T00:00}]}\n  chi",
    )
    assert told(away, BASE) == ["Bo not away after all, 24 Dec 00:00 to 25 Dec 00:00"]
    later = away.replace("2026-12-25T00:00", "2026-12-26T00:00")
    assert told(away, later) == ["Bo away at other times, 24 Dec 00:00 to 26 Dec 00:00"]
    lines = BASE.splitlines(keepends=True)
    bo, chi = lines[4], lines[5]
    assert told(BASE, BASE.replace(bo + chi, chi + bo)) == ["The order of the people"]
    two = with_override(OVERRIDE)
    (old,) = (line for line in lines if "12-30T09:00" in line)
    assert told(two, two.replace(old + OVERRIDE, OVERRIDE + old)) == ["The order of the overrides"]


def test_every_difference_has_words_with_the_same_gaps_in_both_languages() -> None:
    for code, (dutch, english) in _WORDS.items():
        assert dutch != english, code
        gaps = [sorted(part.split("}")[0] for part in text.split("{")[1:]) for text in (dutch, english)]
        assert gaps[0] == gaps[1], code
