"""Any legal roster file, edited: only the entry changes, and the roster is the one that was meant."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

from hypothesis import HealthCheck, Phase, assume, event, given, reject, settings
from hypothesis import strategies as st

from hotline.roster.editing import apply_edits
from hotline.roster.edits import (
    AddAway,
    AddOverride,
    AddPerson,
    ChangeAway,
    ChangeOverride,
    Edit,
    RemoveAway,
    RemoveOverride,
    RemovePerson,
    SetPerson,
)
from hotline.roster.refusals import EditRefused
from routing.reading import read_roster
from routing.roster import Override, Roster, Span
from routing.walltime import HOUR, Zone, parse_moment
from tests.hotline.yaml_layouts import roster_files
from tests.rounds import rounds

AMSTERDAM = Zone("Europe/Amsterdam")
NOW = parse_moment("2026-12-01T12:00", AMSTERDAM)
LATER = Span(parse_moment("2027-01-04T09:00", AMSTERDAM), parse_moment("2027-01-05T09:00", AMSTERDAM))
REASONS = [
    "",
    "swapped with Ada",
    "yes",
    "123",
    "a: b # c",
    "it's",
    '"quoted"',
    "- dash",
    "x" * 200,
    "é\u200d漢",
]

slow = settings(
    max_examples=rounds(12, 40),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


def read(text: str) -> Roster:
    reading = read_roster(text.encode())
    assert reading.roster is not None, (text, reading.problems)
    return reading.roster


def apply(text: str, *edits: Edit) -> str:
    try:
        return apply_edits(text, edits, NOW).text
    except EditRefused as refused:
        if {refusal.code for refusal in refused.refusals} <= {"person.away", "span.order", "away.twice"}:
            reject()
        raise


def touched(before: str, after: str) -> tuple[list[str], list[str]]:
    """The lines that are gone and those that are new; not their breaks, of which the last may be missing."""
    lines = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]
    return [line[2:] for line in lines if line[0] == "-"], [line[2:] for line in lines if line[0] == "+"]


def notes(text: str) -> list[str]:
    """The notes that have a line to themselves."""
    return [line for line in text.splitlines() if line.strip().startswith("#")]


def breaks_kept(before: str, after: str) -> None:
    assert set(re.findall("\r\n|\r|\n", after)) == set(re.findall("\r\n|\r|\n", before))
    # An empty line before a last line that goes is then the last.
    assert before.endswith("\n") == after.endswith("\n") or re.search("\n *\r?\n", before)
    assert before.startswith("\ufeff") == after.startswith("\ufeff")


@slow
@given(roster_files(), st.sampled_from(REASONS), st.data())
def test_an_override_is_added_and_taken_away_again(text: str, reason: str, data: st.DataObject) -> None:
    before = read(text)
    person = data.draw(st.sampled_from(list(before.people)))
    added = apply(text, AddOverride("first", LATER.start, LATER.end, person, reason))
    override = Override("first", LATER, person, reason)
    assert replace(read(added), version="") == replace(
        before, version="", overrides=(*before.overrides, override)
    )
    breaks_kept(text, added)
    gone, new = touched(text, added)
    # The line of a bracket or of an empty list takes the entry in, one before a new line a comma.
    assert len(gone) <= 1 and 1 <= len(new) <= 5
    removed = apply(added, RemoveOverride(override))
    assert replace(read(removed), version="") == replace(before, version="")
    if before.overrides:
        assert removed == text
    else:
        event("it was the only one")
        assert apply(removed, AddOverride("first", LATER.start, LATER.end, person, reason)) == apply(
            apply(
                apply(removed, AddOverride("first", LATER.start, LATER.end, person, reason)),
                RemoveOverride(override),
            ),
            AddOverride("first", LATER.start, LATER.end, person, reason),
        )


@slow
@given(roster_files(), st.data())
def test_any_override_is_taken_away_and_all_notes_on_other_lines_stay(text: str, data: st.DataObject) -> None:
    before = read(text)
    assume(before.overrides)
    override = data.draw(st.sampled_from(before.overrides))
    removed = apply(text, RemoveOverride(override))
    index = len(before.overrides) - 1 - before.overrides[::-1].index(override)
    assert read(removed).overrides == (*before.overrides[:index], *before.overrides[index + 1 :])
    breaks_kept(text, removed)
    gone, new = touched(text, removed)
    assert len(new) <= 2, "at most the line of the key or the bracket, and one that loses its comma"
    inside = sum(line.strip().startswith("#") for line in gone)
    assert len(notes(removed)) == len(notes(text)) - inside


@slow
@given(roster_files(), st.data())
def test_an_override_is_changed_on_its_lines_alone_and_back_again(text: str, data: st.DataObject) -> None:
    before = read(text)
    assume(before.overrides)
    old = data.draw(st.sampled_from(before.overrides))
    person = data.draw(st.sampled_from(list(before.people)))
    reason = data.draw(st.sampled_from([old.reason, *REASONS]))
    new = Override("first", Span(old.span.start, old.span.end + HOUR), person, reason)
    changed = apply(text, ChangeOverride(old, new))
    assert new in read(changed).overrides
    breaks_kept(text, changed)
    assert notes(changed) == notes(text)
    gone, fresh = touched(text, changed)
    assert len(gone) <= 6 and len(fresh) <= 6
    again = read(apply(changed, ChangeOverride(new, old)))
    assert replace(again, version="") == replace(before, version="")
    if reason == old.reason:
        simple = replace(new, person=old.person)
        back = apply(apply(text, ChangeOverride(old, simple)), ChangeOverride(simple, old))
        assert back == text


@slow
@given(roster_files(), st.data())
def test_an_absence_is_added_changed_and_taken_away(text: str, data: st.DataObject) -> None:
    before = read(text)
    person = data.draw(st.sampled_from(list(before.people)))
    away = before.people[person].away
    added = apply(text, AddAway(person, LATER.start, LATER.end))
    assert read(added).people[person].away == (*away, LATER)
    breaks_kept(text, added)
    longer = Span(LATER.start, LATER.end + HOUR)
    changed = apply(added, ChangeAway(person, LATER, longer))
    assert read(changed).people[person].away == (*away, longer)
    assert apply(changed, ChangeAway(person, longer, LATER)) == added
    removed = apply(added, RemoveAway(person, LATER))
    assert replace(read(removed), version="") == replace(before, version="")
    if away:
        assert removed == text


@slow
@given(roster_files(), st.data())
def test_a_person_is_changed_on_their_lines_alone(text: str, data: st.DataObject) -> None:
    before = read(text)
    person = data.draw(st.sampled_from(list(before.people)))
    languages = data.draw(
        st.lists(st.sampled_from(["nl", "en", "no", "pl", "pt-BR"]), min_size=1, unique=True)
    )
    name = data.draw(st.sampled_from(["Ada B.", "O'Brien: x", "123", "Ünal"]))
    email = data.draw(st.sampled_from(["", "a@b.nl"]))
    changed = apply(text, SetPerson(person, name, "+46 70 174 06 50", tuple(languages), email))
    after = read(changed)
    expected = replace(
        before.people[person],
        name=name,
        phone="+46701740650",
        languages=tuple(languages),
        email=email or None,
    )
    assert replace(after, version="") == replace(
        before, version="", people={**before.people, person: expected}
    )
    assert list(after.people) == list(before.people)
    assert notes(changed) == notes(text)
    breaks_kept(text, changed)


@slow
@given(roster_files())
def test_a_person_comes_and_goes(text: str) -> None:
    before = read(text)
    added = apply(text, AddPerson("eva", "Eva Voorbeeld", "+46701740650", ("nl",), "eva@example.org"))
    assert list(read(added).people) == [*before.people, "eva"]
    breaks_kept(text, added)
    assert apply(added, RemovePerson("eva")) == text


@slow
@given(roster_files())
def test_nothing_to_change_changes_not_a_byte(text: str) -> None:
    before = read(text)
    person = next(iter(before.people.values()))
    edits: list[Edit] = [
        SetPerson(person.id, person.name, person.phone, person.languages, person.email or "")
    ]
    edits += [ChangeOverride(override, override) for override in before.overrides[-1:]]
    edits += [ChangeAway(person.id, span, span) for span in person.away]
    assert apply(text, *edits) == text
